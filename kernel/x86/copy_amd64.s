#include "textflag.h"

// func CopyPages(dst, src uintptr, n uint64)
// In: dst, src, n. Clobbers: CX, SI, DI, flags (DF becomes 0).
TEXT ·CopyPages(SB), NOSPLIT|NOFRAME, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	SHLQ $9, CX
	CLD
	REP; MOVSQ
	RET

// func ZeroPages(dst uintptr, n uint64)
// In: dst, n. Clobbers: AX, CX, DI, flags (DF becomes 0).
TEXT ·ZeroPages(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ dst+0(FP), DI
	MOVQ n+8(FP), CX
	SHLQ $9, CX
	XORL AX, AX
	CLD
	REP; STOSQ
	RET

// func CopyBytes(dst, src uintptr, n uint64)
// In: dst, src, n. Clobbers: CX, SI, DI, flags (DF becomes 0).
TEXT ·CopyBytes(SB), NOSPLIT|NOFRAME, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	CLD
	REP; MOVSB
	RET

// func CopyWords(dst, src uintptr, n uint64)
// In: dst, src, n. Clobbers: CX, SI, DI, flags (DF becomes 0).
TEXT ·CopyWords(SB), NOSPLIT|NOFRAME, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	CLD
	REP; MOVSQ
	RET
