# The guest's way in, by both boot protocols: as a multiboot kernel in 32-bit mode,
# or by the Linux 64-bit boot protocol. It brings its own stack, descriptor tables
# and identity map of the first 4 GiB.

        .section .head, "ax", @progbits
        .globl  _start
        .balign 4
        .long   0x1badb002                      # multiboot, wants to know the memory
        .long   2
        .long   -(0x1badb002 + 2)
        .balign 16
_start: cmp     $0x2badb002, %eax               # the same bytes in both modes
        je      from_multiboot
        cli
        mov     %rsi, boot_info
        jmp     wide

        .code32
from_multiboot:
        cli
        mov     %ebx, boot_info
        movl    $1, boot_multiboot
        lgdtl   gdt_pointer
        mov     $0x20, %eax                     # PAE
        mov     %eax, %cr4
        mov     $pml4, %eax
        mov     %eax, %cr3
        mov     $0xc0000080, %ecx
        mov     $0x900, %eax                    # LME, NXE
        xor     %edx, %edx
        wrmsr
        mov     $0x80000031, %eax               # PG NE ET PE
        mov     %eax, %cr0
        ljmpl   $8, $wide
        .code64
wide:   mov     $pml4, %eax
        mov     %rax, %cr3
        mov     $stack_top, %rsp
        cld
        call    tables
        call    guest
4:      cli
        hlt
        jmp     4b

# tables loads the descriptor tables of a processor.
        .text
        .globl  tables
tables: lgdt    gdt_pointer
        mov     $0x10, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        xor     %eax, %eax
        mov     %eax, %fs
        mov     %eax, %gs
        pop     %rax
        push    $8
        push    %rax
        lretq

# How the second processor starts: real mode at 0x8000, where this is copied.
        .globl  second_begin, second_end
        .set    base, 0x8000
        .balign 16
        .code16
second_begin:
        cli
        xor     %ax, %ax
        mov     %ax, %ds
        lgdtl   second_gdt + base - second_begin
        mov     $0x20, %eax
        mov     %eax, %cr4
        mov     $pml4, %eax
        mov     %eax, %cr3
        mov     $0xc0000080, %ecx
        mov     $0x900, %eax
        xor     %edx, %edx
        wrmsr
        mov     $0x80000031, %eax
        mov     %eax, %cr0
        ljmpl   $8, $second_wide
        .balign 8
second_gdt:
        .word   gdt_end - gdt - 1
        .long   gdt
second_end:
        .code64
second_wide:
        mov     $second_stack_top, %rsp
        call    tables
        call    second
1:      hlt
        jmp     1b

        .data
        .balign 8
        .globl  gdt, gdt_pointer, pml4, pdpt
gdt:    .quad   0
        .quad   0x00af9b000000ffff              # 0x08: 64-bit code
        .quad   0x00cf93000000ffff              # 0x10: data
        .quad   0x00cf9b000000ffff              # 0x18: 32-bit code
        .quad   0x00cff3000000ffff              # 0x20: data of ring 3
        .quad   0x00affb000000ffff              # 0x28: 64-bit code of ring 3
        .quad   0, 0                            # 0x30: the first processor's TSS
        .quad   0, 0                            # 0x40: the second one's
gdt_end:
gdt_pointer:
        .word   gdt_end - gdt - 1
        .quad   gdt
        .balign 4096
pml4:   .quad   pdpt + 3
        .fill   511, 8, 0
pdpt:   .quad   pd + 3, pd + 0x1003, pd + 0x2003, pd + 0x3003
        .fill   508, 8, 0
pd:     page = 0
        .rept   2048
        .if     page < 0xfe000000
        .quad   page + 0x83                     # present, writable, 2 MiB
        .else
        .quad   page + 0x93                     # uncached
        .endif
        page = page + 0x200000
        .endr

        .bss
        .balign 16
        .globl  stack_top, second_stack_top, tss, boot_info, boot_multiboot
        .skip   32768
stack_top:
        .skip   32768
second_stack_top:
tss:    .skip   2 * (104 + 8193 + 7)
        .balign 8
boot_info: .skip 8
boot_multiboot: .skip 8
        .section .note.GNU-stack, "", @progbits
