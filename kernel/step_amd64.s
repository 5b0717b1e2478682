//go:build metal && inject

#include "go_asm.h"
#include "textflag.h"

// func debugTrap()
// The entry of #DB: counts an instruction. In: what the processor pushed. Out:
// the interrupted state, or enter for the last one. Clobbers: nothing.
TEXT ·debugTrap(SB), NOSPLIT|NOFRAME, $0-0
	CMPQ (CPU_Step+Step_Left)(GS), $2
	JB   last
	DECQ (CPU_Step+Step_Left)(GS)
	PUSHQ AX
	LEAQ perdure∕kernel∕x86·WaitInterrupt+1(SB), AX // its HLT
	CMPQ AX, 8(SP)
	JEQ  waits
	POPQ AX
	IRETQ

	// Between an STI and its HLT there is no interrupt, but there is one between the STI and
	// us: the HLT would wait for it in vain.
waits:
	INCQ 8(SP)
	POPQ AX
	STI
	HLT
	CLI
	IRETQ
last:
	PUSHQ $0
	PUSHQ AX
	LEAQ ·vectors+15(SB), AX // as if its entry there had been taken
	XCHGQ AX, 0(SP)
	JMP ·enter(SB)

// func count()
// From the caller's next instruction on each is counted. Clobbers: nothing.
TEXT ·count(SB), NOSPLIT|NOFRAME, $0-0
	PUSHFQ
	ORQ  $0x100, 0(SP)
	POPFQ
	RET

// func uncount()
// No more of them. Clobbers: nothing.
TEXT ·uncount(SB), NOSPLIT|NOFRAME, $0-0
	PUSHFQ
	ANDQ $~0x100, 0(SP)
	POPFQ
	RET

// func debugEntry() uint64
// Out: the address of debugTrap. Clobbers: AX.
TEXT ·debugEntry(SB), NOSPLIT|NOFRAME, $0-8
	LEAQ ·debugTrap(SB), AX
	MOVQ AX, ret+0(FP)
	RET

// func spin()
// A loop without end. Clobbers: nothing.
TEXT ·spin(SB), NOSPLIT|NOFRAME, $0-0
	CLI
again:
	JMP again

// func spinAt() uint64
// Out: the address of spin. Clobbers: AX.
TEXT ·spinAt(SB), NOSPLIT|NOFRAME, $0-8
	LEAQ ·spin(SB), AX
	MOVQ AX, ret+0(FP)
	RET
