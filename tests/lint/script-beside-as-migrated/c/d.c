int d(void) { return 1; }
