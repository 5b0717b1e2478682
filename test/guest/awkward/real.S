# What the second processor does: it counts, in real mode at 0x8000, and halts.
        .globl  real_begin, real_end
        .text
        .code16
real_begin:
        cli
        xor     %ax, %ax
        mov     %ax, %ds
        mov     $50, %esi
1:      mov     $1000, %edi
2:      incl    0x7000
        dec     %edi
        jnz     2b
        xor     %eax, %eax
        cpuid
        dec     %esi
        jnz     1b
        incl    0x7004
3:      hlt
        jmp     3b
real_end:
        .section .note.GNU-stack, "", @progbits
