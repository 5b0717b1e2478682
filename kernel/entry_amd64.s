//go:build metal

#include "go_asm.h"
#include "textflag.h"
#include "frame.h"

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
	NOGOROUTINE(DI)
	SUBQ $176, SP // a frame
	MOVQ SP, SI
	SUBQ $16, SP
	MOVQ DI, 0(SP)
	MOVQ SI, 8(SP)
	CALL ·apStart(SB)
	ADDQ $16, SP
	JMP  ·resume(SB)
