#include <sum.h>

int main(void) { return sum_up(0, 0); }
