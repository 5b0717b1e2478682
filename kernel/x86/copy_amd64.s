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

// func FoldPage(p uintptr) uint64
// In: p. Out: the sum of its four columns of words, each times another odd number. No
// XMM register: the guest's are in the processor.
// Clobbers: AX, CX, R8, R9, R10, R11, flags.
TEXT ·FoldPage(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ p+0(FP), AX
	LEAQ 4096(AX), CX
	XORL R8, R8
	XORL R9, R9
	XORL R10, R10
	XORL R11, R11
more:
	ADDQ (AX), R8
	ADDQ 8(AX), R9
	ADDQ 16(AX), R10
	ADDQ 24(AX), R11
	ADDQ 32(AX), R8
	ADDQ 40(AX), R9
	ADDQ 48(AX), R10
	ADDQ 56(AX), R11
	ADDQ 64(AX), R8
	ADDQ 72(AX), R9
	ADDQ 80(AX), R10
	ADDQ 88(AX), R11
	ADDQ 96(AX), R8
	ADDQ 104(AX), R9
	ADDQ 112(AX), R10
	ADDQ 120(AX), R11
	ADDQ 128(AX), R8
	ADDQ 136(AX), R9
	ADDQ 144(AX), R10
	ADDQ 152(AX), R11
	ADDQ 160(AX), R8
	ADDQ 168(AX), R9
	ADDQ 176(AX), R10
	ADDQ 184(AX), R11
	ADDQ 192(AX), R8
	ADDQ 200(AX), R9
	ADDQ 208(AX), R10
	ADDQ 216(AX), R11
	ADDQ 224(AX), R8
	ADDQ 232(AX), R9
	ADDQ 240(AX), R10
	ADDQ 248(AX), R11
	ADDQ $256, AX
	CMPQ AX, CX
	JCS  more
	LEAQ (R9)(R9*2), R9
	LEAQ (R10)(R10*4), R10
	LEAQ (R11)(R11*8), R11
	ADDQ R9, R8
	ADDQ R10, R8
	ADDQ R11, R8
	MOVQ R8, ret+8(FP)
	RET

// func FoldAt() uintptr
// Out: where the code of FoldPage lies. Clobbers: AX.
TEXT ·FoldAt(SB), NOSPLIT|NOFRAME, $0-8
	LEAQ ·FoldPage(SB), AX
	MOVQ AX, ret+0(FP)
	RET
