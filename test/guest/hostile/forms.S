# Instructions with an operand in memory: RDI is where, RSI is another place, RAX
# and RDX are values, RCX is a small count. Each has 16 bytes and ends by itself.

        .macro  is insn:vararg
        .balign 16
        \insn
        ret
        .endm

        .text
        .globl  forms, forms_end
        .balign 16
forms:
        is mov %al, (%rdi)
        is mov %ax, (%rdi)
        is mov %eax, (%rdi)
        is mov %rax, (%rdi)
        is mov %ah, (%rdi)
        is mov %r9d, (%rdi)
        is mov (%rdi), %al
        is mov (%rdi), %ax
        is mov (%rdi), %eax
        is mov (%rdi), %rax
        is mov (%rdi), %ch
        is mov (%rdi), %r15
        is movb $0x55, (%rdi)
        is movw $0x5555, (%rdi)
        is movl $0x55555555, (%rdi)
        is movq $-2, (%rdi)
        is movzbl (%rdi), %eax
        is movzwq (%rdi), %rax
        is movsbq (%rdi), %rax
        is movslq (%rdi), %rax
        is movswl (%rdi), %eax
        is add %eax, (%rdi)
        is adc %al, (%rdi)
        is and %eax, (%rdi)
        is andl $-2, (%rdi)
        is or %eax, (%rdi)
        is orb $1, (%rdi)
        is xor %rax, (%rdi)
        is lock xor %eax, (%rdi)
        is lock orl $1, (%rdi)
        is and (%rdi), %eax
        is or (%rdi), %al
        is xor (%rdi), %rax
        is add (%rdi), %eax
        is cmp (%rdi), %eax
        is cmp %eax, (%rdi)
        is cmpb $1, (%rdi)
        is test %eax, (%rdi)
        is testl $1, (%rdi)
        is xchg %eax, (%rdi)
        is xchg %rax, (%rdi)
        is cmpxchg %edx, (%rdi)
        is lock cmpxchg %rdx, (%rdi)
        is cmpxchg8b (%rdi)
        is cmpxchg16b (%rdi)
        is xadd %eax, (%rdi)
        is bts %ax, (%rdi)
        is lock btsl $31, (%rdi)
        is bt %ax, (%rdi)
        is incl (%rdi)
        is decq (%rdi)
        is notl (%rdi)
        is negb (%rdi)
        is shll $1, (%rdi)
        is mull (%rdi)
        is divl (%rdi)
        is imul (%rdi), %eax
        is rep stosb
        is rep stosq
        is rep movsb
        is rep movsq
        is movsl
        is rep lodsl
        is repe cmpsb
        is repne scasl
        .balign 16
        xchg %rsi, %rdi; rep movsl; ret
        .balign 16
        push (%rdi); pop %rax; ret
        .balign 16
        pop (%rdi); push %rax; ret
        is movbe (%rdi), %eax
        is movbe %eax, (%rdi)
        is movnti %eax, (%rdi)
        is movups (%rdi), %xmm0
        is movups %xmm0, (%rdi)
        is movaps (%rdi), %xmm1
        is movq %xmm0, (%rdi)
        is movd (%rdi), %xmm0
        is maskmovdqu %xmm0, %xmm1
        is fxsave (%rdi)
        is fxrstor (%rdi)
        is fldt (%rdi)
        is fstpt (%rdi)
        is fnstcw (%rdi)
        is fnstenv (%rdi)
        is vmovups (%rdi), %ymm0
        is vmovups %ymm0, (%rdi)
        is clflush (%rdi)
        is prefetcht0 (%rdi)
        is ldmxcsr (%rdi)
        is stmxcsr (%rdi)
        .balign 16
        is sgdt (%rdi)
        is smsw (%rdi)
        is str (%rdi)
        is seta (%rdi)
        is cmovz (%rdi), %rax
        is bsf (%rdi), %eax
        is popcnt (%rdi), %eax
        is crc32l (%rdi), %eax
        is lea (%rdi), %rax
        is addr32 movl (%edi), %eax
        is mov %fs:(%rdi), %eax
        is addr32 rep stosl
        .balign 16
        enter $16, $0; leave; ret
        .balign 16
        mov %cr8, %rax; mov %eax, (%rdi); ret
        .balign 16
        in $0x21, %al; mov %al, (%rdi); ret
        is crc32q (%rdi), %rax
        is movdir64b (%rdi), %rsi
        is ptwritel (%rdi)
forms_end:

# void form(n, at, other, a, c): executes form n.
        .globl  form
form:   push    %rbx
        shl     $4, %rdi
        lea     forms(%rdi), %r11
        mov     %rsi, %rdi
        mov     %rdx, %rsi
        mov     %rcx, %rax
        mov     %rcx, %rdx
        mov     %r8, %rcx
        mov     $3, %ebx
        call    *%r11
        cld
        pop     %rbx
        ret
        .section .note.GNU-stack, "", @progbits
