//go:build metal

#include "textflag.h"

// func marks() bool
// Out: whether the collector marks, which is as long as writes of pointers have to be
// told it. Clobbers: AX.
TEXT ·marks(SB), NOSPLIT|NOFRAME, $0-1
	MOVL runtime·writeBarrier(SB), AX
	TESTL AX, AX
	SETNE ret+0(FP)
	RET
