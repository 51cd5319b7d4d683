int one_answer(void) { return 1; }
