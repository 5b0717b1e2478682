#include "textflag.h"

// func wide(*[256]byte)
// In: a pointer. Clobbers: AX, X1, Y0.
TEXT ·wide(SB), NOSPLIT, $0-8
	MOVQ p+0(FP), AX
	VMOVDQU (AX), Y0
	VMOVDQU Y0, 32(AX)
	MOVOU (AX), X1
	RET
