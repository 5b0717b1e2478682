# How the second processor starts: real mode at 0x8000, where ap_begin is copied.
# It is #GP of real mode that is tried on the way.

        .globl  ap_begin, ap_end
        .set    base, 0x8000
        .text
        .balign 16
        .code16
ap_begin:
        cli
        xor     %ax, %ax
        mov     %ax, %ds
        mov     %ax, %es
        mov     %ax, %ss
        mov     $0x7ff0, %sp
        movw    $(gp16 - ap_begin + base), 0x34 # vector 13
        movw    $0, 0x36
        movl    $0, ap_real + base - ap_begin
        mov     $0x480, %ecx
        rdmsr                                   # no such MSR here: #GP, no error code
        mov     $1, %eax
        cpuid
        mov     %eax, ap_cpuid + base - ap_begin
        mov     $0x21, %dx
        mov     $0xff, %al
        out     %al, %dx
        lgdtl   ap_gdt + base - ap_begin
        mov     $0x20, %eax                     # PAE
        mov     %eax, %cr4
        mov     $pml4, %eax
        mov     %eax, %cr3
        mov     $0xc0000080, %ecx
        mov     $0x900, %eax                    # LME, NXE
        xor     %edx, %edx
        wrmsr
        mov     %cr0, %eax
        and     $0x9fffffff, %eax               # CD and NW off
        or      $0x80000021, %eax               # PG NE PE
        mov     %eax, %cr0
        ljmpl   $8, $ap_long
gp16:   incl    ap_real + base - ap_begin
        push    %bp
        mov     %sp, %bp
        addw    $2, 2(%bp)                      # behind RDMSR
        pop     %bp
        iret
        .balign 8
        .globl  ap_real, ap_cpuid
ap_real: .long  0
ap_cpuid: .long 0
ap_gdt: .word   0x4f
        .long   gdt
ap_end:
        .code64
ap_long:
        mov     $0x10, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     $ap_stack, %rsp
        call    tables
        call    ap
1:      hlt
        jmp     1b

        .bss
        .balign 16
        .skip   16384
ap_stack:
        .section .note.GNU-stack, "", @progbits
