# The guest's way in: the Linux 64-bit boot protocol. Long mode, paging on,
# interrupts off, RSI = zero page. It brings its own stack, descriptor tables
# and identity map of the first 4 GiB, all of it open to ring 3.

        .globl  _start
        .text
_start:
        cli
        cld
        lea     stack_top(%rip), %rsp
        mov     %rsi, zero_page(%rip)
        lea     pml4(%rip), %rax
        lea     pdpt(%rip), %rbx
        lea     7(%rbx), %rcx                   # present, writable, user
        mov     %rcx, (%rax)
        lea     pd(%rip), %rcx                  # four page directories in a row
        add     $7, %rcx
        mov     $4, %edx
1:      mov     %rcx, (%rbx)
        add     $8, %rbx
        add     $4096, %rcx
        dec     %edx
        jnz     1b
        lea     pd(%rip), %rbx
        mov     $0x87, %ecx                     # present, writable, user, 2 MiB
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
        call    tables
        call    guest
4:      cli
        hlt
        jmp     4b

# tables loads the descriptor tables of a processor.
        .globl  tables
tables: lgdt    gdt_pointer(%rip)
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

        .data
        .balign 8
        .globl  gdt, gdt_pointer, tss
gdt:    .quad   0
        .quad   0x00af9b000000ffff              # 0x08: 64-bit code
        .quad   0x00cf93000000ffff              # 0x10: data
        .quad   0x00cf9b000000ffff              # 0x18: 32-bit code
        .quad   0x00cff3000000ffff              # 0x20: data of ring 3
        .quad   0x00affb000000ffff              # 0x28: 64-bit code of ring 3
        .quad   0, 0                            # 0x30: the TSS
        .quad   0                               # 0x40: a TSS of 32-bit mode
        .quad   0                               # 0x48: another one
gdt_end:
gdt_pointer:
        .word   gdt_end - gdt - 1
        .quad   gdt

        .bss
        .balign 4096
        .globl  pml4, pdpt, pd, tss, zero_page, spare, user_stack_top
pml4:   .skip   4096
pdpt:   .skip   4096
pd:     .skip   4*4096
spare:  .skip   8*4096                          # page tables and pages for tests to play with
tss:    .skip   3*4096                          # a TSS with a bitmap of all ports behind it
        .skip   32768
stack_top:
        .skip   8192
user_stack_top:
zero_page:
        .skip   8
        .section .note.GNU-stack, "", @progbits
