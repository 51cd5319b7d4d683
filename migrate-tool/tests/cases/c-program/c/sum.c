int sum_up(int a, int b) { return a + b; }
