#include "largest.hpp"

extern "C" int header_only_largest(int a, int b) { return largest(a, b); }
