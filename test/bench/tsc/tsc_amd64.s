#include "textflag.h"

// func Read() uint64
// Out: the time-stamp counter. Clobbers: AX, DX.
TEXT ·Read(SB), NOSPLIT, $0-8
	RDTSC
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, ret+0(FP)
	RET
