#include "demo.h"

int demo_answer(void) { return DEMO_ANSWER; }
