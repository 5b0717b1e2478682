# A kernel that begins by multiboot and by PVH, says what it was given, and
# switches itself off. It says it on the serial port, a line each.
        .code32
        .section .head, "ax"
        .balign 4
        .long   0x1badb002, 3, -(0x1badb002 + 3)        # multiboot: modules on pages, memory
        .globl  _start
_start: movl    %eax, %esi
        movl    $stack, %esp
        cmpl    $0x2badb002, %eax
        jne     wrong
        movl    $by_multiboot, %esi
        call    say
        movl    16(%ebx), %esi                          # command line
        call    say
        cmpl    $1, 20(%ebx)                            # one module
        jne     wrong
        movl    24(%ebx), %edi
        movl    8(%edi), %esi                           # what is said with it
        call    say
        movl    (%edi), %esi                            # itself
        testl   $0xfff, %esi
        jnz     wrong
        call    say
        jmp     right

pvh:    movl    $stack, %esp
        cmpl    $0x336ec578, (%ebx)
        jne     wrong
        movl    $by_pvh, %esi
        call    say
        movl    24(%ebx), %esi                          # command line
        call    say
        movl    32(%ebx), %esi                          # the root pointer of ACPI
        call    say
        cmpl    $1, 12(%ebx)                            # one module
        jne     wrong
        movl    16(%ebx), %edi
        movl    16(%edi), %esi
        call    say
        movl    (%edi), %esi
        call    say

right:  movl    $pass, %esi
        jmp     end
wrong:  movl    $fail, %esi
end:    call    say
        movw    $0x604, %dx                             # PM1a control: S5, now
        movw    $(5 << 10 | 1 << 13), %ax
        outw    %ax, %dx
1:      hlt
        jmp     1b

# say prints the text at ESI and the end of a line.
say:    movw    $0x3f8, %dx
1:      lodsb
        testb   %al, %al
        jz      2f
        outb    %al, %dx
        jmp     1b
2:      movb    $'\n', %al
        outb    %al, %dx
        ret

by_multiboot: .asciz "by multiboot"
by_pvh: .asciz  "by PVH"
pass:   .asciz  "RESULT: PASS"
fail:   .asciz  "RESULT: FAIL"

        .bss
        .balign 16
        .skip   1024
stack:

        .section .note.xen, "a", @note
        .long   4, 4, 18                                # XEN_ELFNOTE_PHYS32_ENTRY
        .asciz  "Xen"
        .long   pvh

        .section .note.GNU-stack, "", @progbits
