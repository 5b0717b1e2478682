# The probe's way in: the Linux 64-bit boot protocol. Long mode, paging on,
# interrupts off, RSI = zero page (not used). We bring our own stack, descriptor
# tables and identity map of the first 4 GiB, so that the probe finds the same
# machine whoever started it.

        .globl  _start, gate_ipi, gate_timer, gate_bad
        .text
_start:
        cli
        cld
        lea     stack_top(%rip), %rsp
        lea     pml4(%rip), %rax
        lea     pdpt(%rip), %rbx
        lea     3(%rbx), %rcx                   # present, writable
        mov     %rcx, (%rax)
        lea     pd(%rip), %rcx                  # four page directories in a row
        add     $3, %rcx
        mov     $4, %edx
1:      mov     %rcx, (%rbx)
        add     $8, %rbx
        add     $4096, %rcx
        dec     %edx
        jnz     1b
        lea     pd(%rip), %rbx
        mov     $0x83, %ecx                     # present, writable, 2 MiB
        mov     $2048, %edx
2:      mov     %ecx, %esi
        shr     $21, %esi
        cmp     $(0xfec00000 >> 21), %esi
        jne     3f
        or      $0x10, %ecx                     # from the IOAPIC up: uncached
3:      mov     %rcx, (%rbx)
        add     $8, %rbx
        add     $0x200000, %rcx
        dec     %edx
        jnz     2b
        mov     %rax, %cr3
        lgdt    gdt_pointer(%rip)
        mov     $0x10, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        pushq   $8
        lea     4f(%rip), %rax
        pushq   %rax
        lretq
4:      call    probe
5:      cli
        hlt
        jmp     5b

# The two interrupt handlers do the least that an interrupt handler does.
# The self-IPI: count it, end it.
gate_ipi:
        push    %rax
        push    %rcx
        push    %rdx
        incq    ipis(%rip)
        mov     $0x80b, %ecx                    # x2APIC EOI
        xor     %eax, %eax
        xor     %edx, %edx
        wrmsr
        pop     %rdx
        pop     %rcx
        pop     %rax
        iretq

# The timer: the time first, then the same.
gate_timer:
        push    %rax
        push    %rcx
        push    %rdx
        rdtsc
        mov     %eax, timer_tsc(%rip)
        mov     %edx, timer_tsc+4(%rip)
        incq    timers(%rip)
        mov     $0x80b, %ecx
        xor     %eax, %eax
        xor     %edx, %edx
        wrmsr
        pop     %rdx
        pop     %rcx
        pop     %rax
        iretq

# Whatever else arrives ends the probe with a line that says where.
gate_bad:
        mov     (%rsp), %rdi
        mov     8(%rsp), %rsi
        and     $-16, %rsp
        call    bad_trap

        .section .rodata
        .balign 8
gdt:    .quad   0
        .quad   0x00af9b000000ffff              # 0x08: 64-bit code
        .quad   0x00cf93000000ffff              # 0x10: data
gdt_pointer:
        .word   gdt_pointer - gdt - 1
        .quad   gdt

        .bss
        .balign 4096
pml4:   .skip   4096
pdpt:   .skip   4096
pd:     .skip   4*4096
        .skip   16384
stack_top:
        .globl  ipis, timers, timer_tsc
ipis:   .skip   8
timers: .skip   8
timer_tsc: .skip 8
        .section .note.GNU-stack, "", @progbits
