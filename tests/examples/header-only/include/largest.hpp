template <typename T> T largest(T a, T b) { return a < b ? b : a; }
