int own(void) { return 7; }
