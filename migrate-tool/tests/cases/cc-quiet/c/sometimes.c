int sometimes(void) { return 1; }
