#include "textflag.h"

// func rdtsc() uint64
// Out: the time-stamp counter. Clobbers: AX, DX.
TEXT ·rdtsc(SB), NOSPLIT, $0-8
	RDTSC
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, ret+0(FP)
	RET
