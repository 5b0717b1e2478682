# The first instructions of a kernel that says when it was started and stops.
#
# They replace the first ones of a real kernel, at its 32-bit and at its 64-bit
# entry: whatever loads it does all that it does for the real one, so the time
# that they tell is the real one's. Every instruction means the same in both
# modes, and none needs a stack.

        .text
        .globl  _start
_start:
        rdtsc
        mov     %edx, %esi
        mov     %eax, %edi
        mov     $18, %ebp               # a letter and 16 digits and a newline
next:   mov     $0x3fd, %edx
wait:   in      %dx, %al
        test    $0x20, %al
        jz      wait
        mov     $0x3f8, %edx
        cmp     $18, %ebp
        je      letter
        cmp     $1, %ebp
        je      newline
        mov     %esi, %eax              # the top digit of ESI:EDI
        shr     $28, %eax
        shld    $4, %edi, %esi
        shl     $4, %edi
        add     $'0', %al
        cmp     $'9', %al
        jbe     put
        add     $('a' - '9' - 1), %al
        jmp     put
letter: mov     $'@', %al
        jmp     put
newline:
        mov     $'\n', %al
put:    out     %al, %dx
        sub     $1, %ebp
        jnz     next
stop:   jmp     stop
        .section .note.GNU-stack, "", @progbits
