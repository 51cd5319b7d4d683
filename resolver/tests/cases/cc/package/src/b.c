int demo_b(void) { return 2; }
