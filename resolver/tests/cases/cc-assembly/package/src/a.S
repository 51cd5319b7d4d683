#define NAME inert_asm
.globl NAME
NAME:
  ret
.section .note.GNU-stack,"",@progbits
