#include "demo.h"
#ifndef FLAG
#error no
#endif
int demo_a(void) { return ANSWER; }
