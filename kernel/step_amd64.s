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
	IRETQ
last:
	PUSHQ $0
	PUSHQ AX
	LEAQ ·vectors+15(SB), AX // as if its entry there had been taken
	XCHGQ AX, 0(SP)
	JMP ·enter(SB)

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
