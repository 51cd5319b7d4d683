int odd(void) { return 1; }
