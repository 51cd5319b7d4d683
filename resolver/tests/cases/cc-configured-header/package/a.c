#include "config.h"
#ifndef HAVE_STDIO_H
#error no
#endif
#ifdef HAVE_NOTHING_H
#error no
#endif
int demo(void) { return 1; }
