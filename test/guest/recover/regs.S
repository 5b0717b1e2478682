# u64 through(struct regs16 *s, u64 kind): one instruction that exits, with every
# register as s says before, and as it was found afterwards in s.
        .text
        .globl  through
through:
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        push    %rdi
        movdqu  256(%rdi), %xmm0
        movdqu  272(%rdi), %xmm1
        movdqu  288(%rdi), %xmm2
        movdqu  304(%rdi), %xmm3
        movdqu  320(%rdi), %xmm6
        movdqu  336(%rdi), %xmm9
        movdqu  352(%rdi), %xmm14
        movdqu  368(%rdi), %xmm15
        push    ways(,%rsi,8)
        mov     8(%rdi), %rcx
        mov     16(%rdi), %rdx
        mov     24(%rdi), %rbx
        mov     32(%rdi), %rbp
        mov     40(%rdi), %rsi
        mov     56(%rdi), %r8
        mov     64(%rdi), %r9
        mov     72(%rdi), %r10
        mov     80(%rdi), %r11
        mov     88(%rdi), %r12
        mov     96(%rdi), %r13
        mov     104(%rdi), %r14
        mov     112(%rdi), %r15
        pushf
        pop     %rax
        and     $0x200, %rax
        or      $0x8d7, %rax                    # OF SF ZF AF PF CF
        push    %rax
        mov     0(%rdi), %rax
        mov     48(%rdi), %rdi
        popf
        ret

by_cpuid: cpuid
        jmp     done
by_rdmsr: rdmsr
        jmp     done
by_wrmsr: wrmsr
        jmp     done
by_in:  in      %dx, %al
        jmp     done
by_out: out     %al, %dx
        jmp     done
by_vmcall: vmcall
        jmp     done
by_load: mov    (%rbx), %eax
        jmp     done
by_store: mov   %eax, (%rbx)
        jmp     done
by_cr0: mov     %rax, %cr0
        jmp     done
by_cr4: mov     %rax, %cr4
        jmp     done
by_xsetbv: xsetbv
        jmp     done
by_pause: pause
        jmp     done
by_halt: sti
        hlt
        cli
        jmp     done
by_sti: sti
        nop
        cli
        jmp     done
by_spin: sti
1:      lea     -1(%rcx), %rcx                  # leaves the flags alone
        jrcxz   2f
        jmp     1b
2:      cli
        jmp     done
by_window: lea  -1(%rcx), %rcx
        jrcxz   3f
        jmp     by_window
3:      sti
        nop
        cli

done:   push    %rdi
        pushf
        mov     16(%rsp), %rdi
        mov     %rax, 128(%rdi)
        pop     %rax
        mov     %rax, 248(%rdi)
        pop     %rax
        mov     %rax, 176(%rdi)
        mov     %rcx, 136(%rdi)
        mov     %rdx, 144(%rdi)
        mov     %rbx, 152(%rdi)
        mov     %rbp, 160(%rdi)
        mov     %rsi, 168(%rdi)
        mov     %r8, 184(%rdi)
        mov     %r9, 192(%rdi)
        mov     %r10, 200(%rdi)
        mov     %r11, 208(%rdi)
        mov     %r12, 216(%rdi)
        mov     %r13, 224(%rdi)
        mov     %r14, 232(%rdi)
        mov     %r15, 240(%rdi)
        movdqu  %xmm0, 384(%rdi)
        movdqu  %xmm1, 400(%rdi)
        movdqu  %xmm2, 416(%rdi)
        movdqu  %xmm3, 432(%rdi)
        movdqu  %xmm6, 448(%rdi)
        movdqu  %xmm9, 464(%rdi)
        movdqu  %xmm14, 480(%rdi)
        movdqu  %xmm15, 496(%rdi)
        pop     %rdi
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret

        .section .rodata
        .balign 8
ways:   .quad   by_cpuid, by_rdmsr, by_wrmsr, by_in, by_out, by_vmcall, by_load, by_store
        .quad   by_cr0, by_cr4, by_xsetbv, by_pause, by_halt, by_sti
        .quad   by_spin, by_window
        .section .note.GNU-stack, "", @progbits
