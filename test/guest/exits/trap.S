# All ways in from the IDT, and the ways to ring 3 and back.

        .text
        .globl  stubs, run_user, user_return
#include "../kit/stubs.inc"

# void run_user(void (*f)(void)): calls f in ring 3, with interrupts on; INT $0x80
# comes back.
run_user:
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        pushfq
        mov     %rsp, kernel_rsp(%rip)
        mov     %rsp, tss+4(%rip)               # RSP0
        pushq   $0x23
        pushq   $user_stack_top-8
        pushq   $0x202
        pushq   $0x2b
        push    %rdi
        iretq
# The trap handler of INT $0x80 comes here.
user_return:
        mov     kernel_rsp(%rip), %rsp
        popfq
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret

        .bss
        .balign 8
kernel_rsp:
        .skip   8
        .section .note.GNU-stack, "", @progbits
