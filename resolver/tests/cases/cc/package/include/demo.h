#ifdef NOT_HERE
#error windows
#endif
int demo_a(void);
