# Out of 64-bit mode and back, in ring 0: compatibility mode, then no paging,
# then 32-bit paging and PAE paging with the registers' odder bits, real mode.
#
# void modes(u32 *result): one word for each thing tried, see modes.c.

        .globl  modes
        .text
modes:  push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        pushfq
        sidt    old_idt(%rip)
        mov     %cr3, %rax
        mov     %rax, old_cr3(%rip)
        mov     %rsp, old_rsp(%rip)
        mov     %rdi, %r15                      # kept by 32-bit code
        mov     %edi, %ebp
        pushq   $0x18
        pushq   $1f
        lretq
        .code32
1:      mov     $0x10, %eax
        mov     %eax, %ss                       # 32-bit stack
        mov     %cr0, %eax
        mov     %eax, old_cr0
        btr     $31, %eax
        xor     $0x40000000, %eax               # with CD, so that it exits
        mov     %eax, %cr0
        jmp     2f
2:      lidt    idt32_pointer
        mov     $0xc0000080, %ecx
        rdmsr
        mov     %eax, 0(%ebp)                   # EFER: LME, no LMA
        mov     $0, %eax
        mov     %cr0, %eax
        mov     %eax, 4(%ebp)                   # CR0 without PG, with CD

        # A task switch, which has to be refused.
        movl    $0, fault_code
        movl    $3f, fault_resume
        mov     $0x40, %eax
        ltr     %ax
        ljmp    $0x48, $0
3:      mov     fault_code, %eax
        mov     %eax, 8(%ebp)                   # vector << 16 | error code

        # MSRs and CPUID from here.
        movl    $0, fault_code
        movl    $4f, fault_resume
        mov     $0x480, %ecx
        rdmsr
4:      mov     fault_code, %eax
        mov     %eax, 12(%ebp)

        # 32-bit paging: one directory with 4 MiB pages.
        mov     $0xc0000080, %ecx
        rdmsr
        mov     %eax, efer
        and     $~0x100, %eax
        wrmsr                                   # LME off
        mov     %cr4, %eax
        mov     %eax, old_cr4
        and     $~0x20020, %eax                 # PAE, PCIDE off
        or      $0x10, %eax                     # PSE on
        mov     %eax, %cr4
        mov     $pd32, %eax
        mov     %eax, %cr3
        mov     %cr0, %eax
        or      $0x80000000, %eax
        xor     $0x40000000, %eax
        mov     %eax, %cr0
        jmp     5f
5:      mov     %cr0, %eax
        mov     %eax, 16(%ebp)
        mov     $0x12345678, %eax
        mov     0xfec00000, %ebx                # a device window through them
        movl    $1, 0xfec00000
        mov     0xfec00010, %eax
        mov     %eax, 20(%ebp)                  # the IOAPIC's version
        mov     $0x3f8+7, %dx                   # OUTS through them
        mov     $word, %esi
        mov     $2, %ecx
        rep outsb
        in      %dx, %al
        movzx   %al, %eax
        mov     %eax, 24(%ebp)
        movl    $8f, fault_resume               # OUTS of a page that is not there
        mov     $0x80000003, %esi
        outsb
8:      mov     fault_code, %eax
        mov     %eax, 28(%ebp)
        mov     %cr2, %eax
        mov     %eax, 32(%ebp)

        # PAE paging by an exit, first with entries that are not valid.
        mov     %cr0, %eax
        and     $0x7fffffff, %eax
        mov     %eax, %cr0
        mov     %cr4, %eax
        or      $0x20, %eax
        mov     %eax, %cr4
        mov     $pdpt32, %eax
        mov     %eax, %cr3
        movl    $0x1e6, pdpt32+12               # reserved bits, not present: ignored
        movl    $0x1e7, pdpt32+8                # reserved bits, present
        movl    $0, fault_code
        movl    $6f, fault_resume
        mov     %cr0, %eax
        xor     $0xc0000000, %eax
        mov     %eax, %cr0
6:      mov     fault_code, %eax
        mov     %eax, 36(%ebp)
        mov     %cr0, %eax
        mov     %eax, 40(%ebp)
        movl    $0, pdpt32+8
        mov     %cr0, %eax
        xor     $0xc0000000, %eax
        mov     %eax, %cr0
        jmp     7f
7:      mov     %cr0, %eax
        mov     %eax, 44(%ebp)
        mov     0xfec00010, %eax
        mov     %eax, 48(%ebp)

        # And back to where all began, again with CD.
        mov     %cr0, %eax
        and     $0x7fffffff, %eax
        mov     %eax, %cr0
        mov     old_cr4, %eax
        mov     %eax, %cr4
        mov     old_cr3, %eax
        mov     %eax, %cr3
        mov     $0xc0000080, %ecx
        xor     %edx, %edx
        mov     efer, %eax
        wrmsr
        mov     %cr0, %eax
        xor     $0xc0000000, %eax
        mov     %eax, %cr0
        mov     %cr0, %eax
        mov     %eax, 52(%ebp)
        mov     old_cr0, %eax
        mov     %eax, %cr0
        ljmp    $8, $9f
        .code64
9:      mov     old_rsp(%rip), %rsp
        lidt    old_idt(%rip)
        movb    $0x89, gdt+0x30+5(%rip)         # the TSS is not busy
        mov     $0x30, %eax
        ltr     %ax
        mov     $0x10, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        popfq
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret

        .code32
        .globl  fault32_df, fault32_ts, fault32_gp, fault32_pf, idt32, idt32_pointer, pd32, pdpt32
fault32_df:
        mov     $(8 << 16), %eax
        jmp     fault32
fault32_ts:
        mov     $(10 << 16), %eax
        jmp     fault32
fault32_gp:
        mov     $(13 << 16), %eax
        jmp     fault32
fault32_pf:
        mov     $(14 << 16), %eax
fault32:
        pop     %edx                            # the error code
        or      %edx, %eax
        mov     %eax, fault_code
        add     $12, %esp
        jmp     *fault_resume
        .code64

        .data
word:   .byte   0x5a, 0xa5
        .balign 8
idt32_pointer:
        .word   32*8 - 1
        .long   idt32
        .bss
        .balign 4096
pd32:   .skip   4096
pdpt32: .skip   32
idt32:  .skip   32*8
old_idt: .skip  16
old_cr3: .skip  8
old_rsp: .skip  8
old_cr0: .skip  4
old_cr4: .skip  4
efer:   .skip   4
fault_code: .skip 4
fault_resume: .skip 4
        .section .note.GNU-stack, "", @progbits
