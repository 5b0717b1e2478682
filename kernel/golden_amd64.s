//go:build metal

#include "go_asm.h"
#include "textflag.h"
#include "frame.h"

#define STATE(reg) MOVQ $(const_machineAt+machine_set), reg

// func goldenPoint() uint64
// Out: 0 when the golden copy has been taken, 2 when it could not be; 1 each
// time a reset comes back here. Clobbers: all but SP, BP, as any ABI0 function.
// Needs: every processor calls it, and none waits for another in between.
TEXT ·goldenPoint(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ SP, CPU_gSP(GS)
	MOVQ BP, CPU_gBP(GS)
	MOVQ 0(SP), AX
	MOVQ AX, CPU_gPC(GS)
	MOVL $0xc0000100, CX // IA32_FS_BASE
	RDMSR
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, CPU_gFS(GS)
	MOVQ $1, ret+0(FP) // what the copy holds
	STATE(R8)
	LOCK
	INCQ goldenState_arrived(R8)
arrive:
	PAUSE
	MOVQ goldenState_arrived(R8), AX
	CMPQ AX, (const_machineAt+machine_cpus)
	JB   arrive
	CMPQ CPU_index(GS), $0
	JNE  others
	MOVQ CPU_stack(GS), SP
	SUBQ $16, SP
	CALL ·seal(SB)
	MOVQ 0(SP), AX
	STATE(R8)
	MOVQ AX, goldenState_ready(R8)
others:
	PAUSE
	MOVQ goldenState_ready(R8), AX
	TESTQ AX, AX
	JZ   others
	MOVQ CPU_gSP(GS), SP
	MOVQ CPU_gBP(GS), BP
	XORPS X15, X15
	CMPQ AX, $const_goldenTaken
	JNE  refused
	MOVQ CR3, AX // no translation may remember a dirty bit
	MOVQ AX, CR3
	MOVQ $0, 8(SP)
	RET
refused:
	MOVQ AX, 8(SP)
	RET

// func nmi()
// In: what the processor pushed. Out: the interrupted state, or a reset.
// Clobbers: nothing, unless there is a reset. Needs: GS base. Nothing here may
// fault: the IRET of a fault's handler would unblock NMIs too early.
TEXT ·nmi(SB), NOSPLIT|NOFRAME, $0-0
	PUSHQ R8
	STATE(R8)
	CMPQ goldenState_halted(R8), $0
	JNE  halt
	CMPQ CPU_gate(GS), $const_gateNormal
	JNE  unasked
	CMPQ goldenState_lead(R8), $0
	JNE  taken
	CMPQ goldenState_armed(R8), $0
	JE   beat

	// A reset: where this processor was is kept. If that was in the middle of
	// saving a guest's registers, they are saved.
taken:
	PUSHQ R9
	MOVQ CPU_index(GS), R9
	INCQ R9
	CMPQ R9, goldenState_lead(R8)
	JEQ  own
	DECQ R9
	MOVQ 16(SP), R8
	MOVQ R8, (const_crashAt+Crash_At)(R9*8)
	STATE(R9)
	SUBQ goldenState_stub(R9), R8
	CMPQ R8, goldenState_stubSize(R9)
	JCS  saving
	ADDQ goldenState_stub(R9), R8
	SUBQ goldenState_landing(R9), R8
	CMPQ R8, goldenState_landed(R9)
	JCC  leave
saving:
	POPQ R9
	POPQ R8
	PUSHQ $0
	PUSHQ $2
	PUSHREGS
	KEEPFPU
	CALL ·rescue(SB)
leave:
	STATE(R8)
	CMPQ goldenState_lead(R8), $0
	JNE  stop
	JMP  ·reset(SB)
stop:
	JMP  ·park(SB)
halt:
	CLI
	HLT
	JMP  halt
own: // this processor has just begun to lead, or is about to end that
	POPQ R9
unasked:
	INCQ CPU_nmis(GS)
	POPQ R8
	IRETQ

	// The machine's clock, or whatever else makes NMIs.
beat:
	POPQ R8
	PUSHQ $0
	PUSHQ $2
	PUSHREGS
	CLD
	KEEPFPU
	MOVQ R12, 16(SP)
	MOVL $0xc0000100, CX // IA32_FS_BASE
	RDMSR
	MOVL AX, 24(SP)
	MOVL DX, 32(SP)
	MOVQ CPU_self(GS), BX
	NOGOROUTINE(BX)
	CALL ·beat(SB)
	MOVL 24(SP), AX
	MOVL 32(SP), DX
	MOVL $0xc0000100, CX
	WRMSR
	FXRSTOR64 64(SP)
	MOVQ 16(SP), SP
	POPREGS
	ADDQ $16, SP
	IRETQ

// func takeNMI()
// What an NMI does, for one that ended a guest run. Clobbers: nothing, or see reset.
TEXT ·takeNMI(SB), NOSPLIT|NOFRAME, $0-0
	INT $2
	RET
