#define MAJOR 3
#define VERSION_NUMBER ( (MAJOR<<28)|(2<<20)|0x0L )
#define VERSION "1.2.11"
