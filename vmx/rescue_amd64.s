//go:build metal

#include "textflag.h"

// func exitEnd() uint64
// Out: the address behind the exit stub. Clobbers: AX.
TEXT ·exitEnd(SB), NOSPLIT|NOFRAME, $0-8
	LEAQ ·exitPC(SB), AX
	MOVQ AX, ret+0(FP)
	RET
