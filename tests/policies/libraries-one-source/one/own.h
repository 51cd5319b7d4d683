#define OWN_VERSION "1.0"
#define OWN 1
int own_answer(void);
