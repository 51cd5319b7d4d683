#define OWN_VERSION "2.0"
#define OWN 2
int own_answer(void);
