//go:build metal && inject

#include "go_asm.h"
#include "textflag.h"

#define VMREAD_CX_AX BYTE $0x0f; BYTE $0x78; BYTE $0xc8 // vmread %rcx, %rax
#define fieldReason 0x4402
#define fieldVPID 0

// func stepStub()
// HOST_RIP in an image that can make faults: as exitStub, and from there on
// instructions are counted if that is ordered for this exit: of any reason, of one, or,
// if the reason is negative, of any VP whose VPID is above its low 16 bits. With
// stepEach an exit that does not have as many instructions ends the order. What it
// pushes goes where exitStub pushes. Flags are 2 behind it, or TF more. Clobbers: nothing else.
TEXT ·stepStub(SB), NOSPLIT|NOFRAME, $0-0
	CMPQ const_stepLeft(GS), $0
	JEQ  clean
	PUSHQ AX
	PUSHQ CX
	CMPQ const_stepReason(GS), $-1
	JEQ  this
	JLT  whose
	MOVL $fieldReason, CX
	VMREAD_CX_AX
	ANDL $0xffff, AX
	CMPQ AX, const_stepReason(GS)
	JNE  plain
	JMP  this
whose:
	MOVL $fieldVPID, CX
	VMREAD_CX_AX
	CMPW AX, const_stepReason(GS)
	JLS  plain
this:
	MOVQ const_stepEach(GS), AX
	TESTQ AX, AX
	JEQ  counts
	CMPQ AX, const_stepLeft(GS)
	JNE  over
counts:
	SUBQ $1, const_stepSkip(GS)
	JCC  plain
	ADDQ $1, const_stepSkip(GS)
	POPQ CX
	POPQ AX
	PUSHQ $0x102
	POPFQ
	JMP  ·exitStub(SB)
over:
	MOVQ $0, const_stepLeft(GS)
plain:
	POPQ CX
	POPQ AX
clean: // a lost program counter is told from Enter's by that
	PUSHQ $2
	POPFQ
	JMP  ·exitStub(SB)

// func stepEnd() uint64
// Out: the address behind stepStub. Clobbers: AX.
TEXT ·stepEnd(SB), NOSPLIT|NOFRAME, $0-8
	LEAQ ·stepEnd(SB), AX
	MOVQ AX, ret+0(FP)
	RET

// func stepPC() uint64
// Out: the address of stepStub. Clobbers: AX.
TEXT ·stepPC(SB), NOSPLIT|NOFRAME, $0-8
	LEAQ ·stepStub(SB), AX
	MOVQ AX, ret+0(FP)
	RET
