# All ways in from the IDT, the way back out of what went wrong, and the way to
# ring 3.

        .text
        .globl  stubs, guarded, user, landing
#include "stubs.inc"

# u64 guarded(void (*f)(void *), void *arg)
guarded:
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        push    %rdi
        push    %rsi
        call    on_cpu
        pop     %rsi
        pop     %rdi
        lea     saved(,%rax,8), %rbx
        push    (%rbx)
        push    %rbx
        mov     %rsp, (%rbx)
        mov     %rdi, %rax
        mov     %rsi, %rdi
        sub     $8, %rsp
        call    *%rax
        add     $8, %rsp
        mov     $0xffff, %eax
# An exception comes here, with RSP as it was saved and its vector in RAX.
landing:
        pop     %rbx
        pop     (%rbx)
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret

# void user(u64 *regs, u64 rip, u64 rsp, u64 rflags): regs as in a frame
user:   pushq   $0x23
        push    %rdx
        push    %rcx
        pushq   $0x2b
        push    %rsi
        mov     (%rdi), %r15
        mov     8(%rdi), %r14
        mov     16(%rdi), %r13
        mov     24(%rdi), %r12
        mov     32(%rdi), %r11
        mov     40(%rdi), %r10
        mov     48(%rdi), %r9
        mov     56(%rdi), %r8
        mov     72(%rdi), %rsi
        mov     80(%rdi), %rbp
        mov     88(%rdi), %rbx
        mov     96(%rdi), %rdx
        mov     104(%rdi), %rcx
        mov     112(%rdi), %rax
        mov     64(%rdi), %rdi
        iretq

        .bss
        .balign 8
        .globl  saved
saved:  .skip   16                              # RSP of each processor's innermost guarded, 0: none
        .section .note.GNU-stack, "", @progbits
