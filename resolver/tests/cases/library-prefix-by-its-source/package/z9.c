int z9(void) { return 1; }
