#define OWN_VERSION "1.0"
int own_optimised(void);
