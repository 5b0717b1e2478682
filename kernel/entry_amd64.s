//go:build metal

#include "go_asm.h"
#include "textflag.h"

// func entry()
// In: DI = HVA of the boot page. Out: the runtime's rt0, on its first stack.
// Clobbers: everything. Needs: long mode, the tables of head.S, IF=0; docs/abi.md.
TEXT ·entry(SB), NOSPLIT|NOFRAME, $0-0
	// Go finds its goroutine at FS:-8, and looks there in every wrapper.
	LEAQ ·firstTLS+64(SB), AX
	MOVQ AX, DX
	SHRQ $32, DX
	MOVL $0xc0000100, CX // IA32_FS_BASE
	WRMSR
	LEAQ ·firstStack+const_firstStackSize(SB), SP
	SUBQ $1024, SP // Arguments writes above
	XORPS X15, X15
	SUBQ $16, SP
	MOVQ DI, 0(SP)
	CALL ·start(SB)
	MOVQ 8(SP), SP
	JMP  _rt0_amd64_linux(SB)

#define PUSHREGS \
	PUSHQ AX \
	PUSHQ BX \
	PUSHQ CX \
	PUSHQ DX \
	PUSHQ SI \
	PUSHQ DI \
	PUSHQ BP \
	PUSHQ R8 \
	PUSHQ R9 \
	PUSHQ R10 \
	PUSHQ R11 \
	PUSHQ R12 \
	PUSHQ R13 \
	PUSHQ R14 \
	PUSHQ R15

#define POPREGS \
	POPQ R15 \
	POPQ R14 \
	POPQ R13 \
	POPQ R12 \
	POPQ R11 \
	POPQ R10 \
	POPQ R9 \
	POPQ R8 \
	POPQ BP \
	POPQ DI \
	POPQ SI \
	POPQ DX \
	POPQ CX \
	POPQ BX \
	POPQ AX

// func syscallEntry()
// In: RCX = return address, R11 = flags, the arguments of Linux; SP the
// caller's. Out: AX. Clobbers: CX, R11, X0 to X15 (X15 becomes 0), as the
// runtime expects. Needs: GS base. Nothing is written to the caller's stack: it
// may be another thread's by the time this returns.
TEXT ·syscallEntry(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ SP, CPU_sp(GS)
	MOVQ CPU_stack(GS), SP
	PUSHQ $const_selData
	PUSHQ CPU_sp(GS)
	PUSHQ R11
	PUSHQ $const_selCode
	PUSHQ CX
	PUSHQ $0
	PUSHQ $256 // personality.KindCall
	PUSHREGS
	MOVQ SP, DI
	SUBQ $16, SP
	MOVQ DI, 0(SP)
	CALL ·syscall(SB)
	ADDQ $16, SP
	CMPQ 120(SP), $256
	JNE  restore
	POPREGS
	XORPS X15, X15
	MOVQ 40(SP), SP
	JMP  CX
restore:
	JMP ·resume(SB)

// func resume()
// In: SP = a frame of KindReturn on the stack of system calls. Out: the state
// in it, with the floating-point state at CPU.fpu if there is one. Clobbers: everything.
TEXT ·resume(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ CPU_fpu(GS), AX
	TESTQ AX, AX
	JZ   regs
	MOVQ $0, CPU_fpu(GS)
	FXRSTOR64 (AX)
	JMP  pop
regs:
	XORPS X15, X15
pop:
	POPREGS
	ADDQ $16, SP
	IRETQ

// func apEntry()
// In: DI = the processor's block, SP its stack of system calls. Out: a thread
// of the runtime. Clobbers: everything. Needs: long mode, CR3, IF=0.
TEXT ·apEntry(SB), NOSPLIT|NOFRAME, $0-0
	LEAQ 2048(DI), AX // a goroutine at FS:-8 that is nil
	MOVQ AX, DX
	SHRQ $32, DX
	MOVL $0xc0000100, CX
	WRMSR
	XORPS X15, X15
	SUBQ $176, SP // a frame
	MOVQ SP, SI
	SUBQ $16, SP
	MOVQ DI, 0(SP)
	MOVQ SI, 8(SP)
	CALL ·apStart(SB)
	ADDQ $16, SP
	JMP  ·resume(SB)

// func vectors()
// In: what the processor pushes for an exception or interrupt. Out: enter, with
// an error code pushed in every case. Clobbers: nothing. Each entry is 8 bytes.
TEXT ·vectors(SB), NOSPLIT|NOFRAME, $0-0
#define PLAIN BYTE $0x6a; BYTE $0; CALL ·enter(SB); BYTE $0x90 // push $0x0; nop
#define ERROR BYTE $0x66; BYTE $0x90; CALL ·enter(SB); BYTE $0x90 // xchg %ax,%ax; nop
#define PLAIN8 PLAIN; PLAIN; PLAIN; PLAIN; PLAIN; PLAIN; PLAIN; PLAIN
	PLAIN8
	ERROR; PLAIN; ERROR; ERROR; ERROR; ERROR; ERROR; PLAIN
	PLAIN; ERROR; PLAIN; PLAIN; PLAIN; ERROR; PLAIN; PLAIN
	PLAIN; PLAIN; PLAIN; PLAIN; PLAIN; ERROR; ERROR; PLAIN
	PLAIN8; PLAIN8; PLAIN8; PLAIN8
	PLAIN8; PLAIN8; PLAIN8; PLAIN8
	PLAIN8; PLAIN8; PLAIN8; PLAIN8
	PLAIN8; PLAIN8; PLAIN8; PLAIN8
	PLAIN8; PLAIN8; PLAIN8; PLAIN8
	PLAIN8; PLAIN8; PLAIN8; PLAIN8
	PLAIN8; PLAIN8; PLAIN8; PLAIN8
	RET

// func enter()
// In: SP = an address after an entry of vectors, error code, what the processor
// pushed; the stack of traps. Out: the interrupted state, as trap changed it.
// Clobbers: nothing. Needs: GS base.
TEXT ·enter(SB), NOSPLIT|NOFRAME, $0-0
	PUSHREGS
	CLD
	LEAQ ·vectors(SB), AX
	MOVQ 120(SP), BX
	SUBQ AX, BX
	SHRQ $3, BX
	MOVQ BX, 120(SP)
	CMPQ BX, $32
	JAE  interrupt
	MOVQ SP, R12
	SUBQ $640, SP
	ANDQ $~63, SP
	FXSAVE64 64(SP)
	XORPS X15, X15
	MOVQ R12, 0(SP)
	LEAQ 64(SP), AX
	MOVQ AX, 8(SP)
	MOVQ R12, 16(SP)
	INCQ CPU_depth(GS)
	CALL ·trap(SB)
	DECQ CPU_depth(GS)
	FXRSTOR64 64(SP)
	MOVQ 16(SP), SP
	POPREGS
	ADDQ $16, SP
	IRETQ
interrupt:
	BTSQ BX, CPU_Vectors(GS)
	POPREGS
	ADDQ $16, SP
	IRETQ

// func doubleFault()
// In: what the processor pushed. Out: none, the instance has failed. Clobbers: everything.
TEXT ·doubleFault(SB), NOSPLIT|NOFRAME, $0-0
	PUSHQ $8
	PUSHREGS
	JMP  ·dead(SB)

// func machineCheck()
// In: what the processor pushed. Out: none, the instance has failed. Clobbers: everything.
TEXT ·machineCheck(SB), NOSPLIT|NOFRAME, $0-0
	PUSHQ $0
	PUSHQ $18
	PUSHREGS
	JMP  ·dead(SB)

// func dead()
// In: SP = a frame. Out: none. Clobbers: everything.
TEXT ·dead(SB), NOSPLIT|NOFRAME, $0-0
	CLD
	MOVQ SP, DI
	MOVQ CPU_self(GS), AX // a goroutine at FS:-8 that is nil: the thread's may be damaged
	ADDQ $2048, AX
	MOVQ AX, DX
	SHRQ $32, DX
	MOVL $0xc0000100, CX
	WRMSR
	XORPS X15, X15
	SUBQ $16, SP
	MOVQ DI, 0(SP)
	CALL ·fatalTrap(SB)
again:
	CLI
	HLT
	JMP again

// func self() *CPU
// Out: the processor's block. Clobbers: AX.
TEXT ·self(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ CPU_self(GS), AX
	MOVQ AX, ret+0(FP)
	RET

// func reload(cr3 uint64)
// In: cr3. Clobbers: AX. Flushes this address space's translations.
TEXT ·reload(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ cr3+0(FP), AX
	MOVQ AX, CR3
	RET

// func segments()
// Loads CS and SS from the GDT; the others become null. Clobbers: AX.
TEXT ·segments(SB), NOSPLIT|NOFRAME, $0-0
	POPQ AX
	PUSHQ $const_selCode
	PUSHQ AX
	MOVL $const_selData, AX
	MOVW AX, SS
	XORL AX, AX
	MOVW AX, DS
	MOVW AX, ES
	BYTE $0x48; BYTE $0xcb // lretq

// func getpid()
// A system call, at whose end a pending signal arrives. Clobbers: AX, CX, R11.
TEXT ·getpid(SB), NOSPLIT, $0-0
	MOVL $39, AX
	SYSCALL
	RET

// func schedYield()
// A system call that lets other threads have the processor. Clobbers: AX, CX, R11.
TEXT ·schedYield(SB), NOSPLIT, $0-0
	MOVL $24, AX
	SYSCALL
	RET

// func private(op, a, b uint64) uint64
// A system call that package kernel answers itself, on the stack of system
// calls. Clobbers: AX, CX, SI, DI, R11.
TEXT ·private(SB), NOSPLIT, $0-32
	MOVQ op+0(FP), AX
	MOVQ a+8(FP), DI
	MOVQ b+16(FP), SI
	SYSCALL
	MOVQ AX, ret+24(FP)
	RET

// func address(which uint64) uint64
// Out: the address of an entry: 0 vectors, 1 syscallEntry, 2 nmi, 3
// doubleFault, 4 machineCheck, 5 apEntry. Clobbers: AX, BX.
TEXT ·address(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ which+0(FP), BX
	LEAQ ·vectors(SB), AX
	CMPQ BX, $1
	JB   done
	LEAQ ·syscallEntry(SB), AX
	JE   done
	LEAQ ·nmi(SB), AX
	CMPQ BX, $3
	JB   done
	LEAQ ·doubleFault(SB), AX
	JE   done
	LEAQ ·machineCheck(SB), AX
	CMPQ BX, $5
	JB   done
	LEAQ ·apEntry(SB), AX
done:
	MOVQ AX, ret+8(FP)
	RET
