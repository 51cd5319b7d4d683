#include <math.h>

int main(int count, char **words) { return (int)sin((double)count); }
