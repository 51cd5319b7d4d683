#define OWN "1.9"
