#include "textflag.h"

// Four chunks at once, one in each lane of 32 bits. In the aligned part of the frame, at
// R8, are the chunks' values so far, the block's words and the third row of the state;
// rows one, two and four are X0 to X3, X4 to X7 and X8 to X11.
#define VALUE(i) (16*(i))(R8)
#define WORD(i) (128+16*(i))(R8)
#define THIRD(i) (384+16*(i))(R8)

DATA turns<>+0(SB)/8, $0x0504070601000302 // by 16 bits to the right
DATA turns<>+8(SB)/8, $0x0d0c0f0e09080b0a
DATA turns<>+16(SB)/8, $0x0407060500030201 // by 8
DATA turns<>+24(SB)/8, $0x0c0f0e0d080b0a09
GLOBL turns<>(SB), RODATA|NOPTR, $32

DATA lane<>+0(SB)/8, $0x0000000100000000
DATA lane<>+8(SB)/8, $0x0000000300000002
GLOBL lane<>(SB), RODATA|NOPTR, $16

// ALL puts a constant into each lane.
#define ALL(n, x) MOVL $n, AX; MOVL AX, x; PSHUFD $0, x, x

// HALF is half of a mixing; b is turned by so many bits to the right.
#define HALF(a, b, c, d, m, turn, right, left) \
	PADDL WORD(m), a \
	PADDL b, a \
	PXOR  a, d \
	PSHUFB turn, d \
	MOVO  THIRD(c), X12 \
	PADDL d, X12 \
	MOVO  X12, THIRD(c) \
	PXOR  X12, b \
	MOVO  b, X15 \
	PSRLL $right, b \
	PSLLL $left, X15 \
	POR   X15, b

#define MIX(a, b, c, d, x, y) \
	HALF(a, b, c, d, x, X13, 12, 20) \
	HALF(a, b, c, d, y, X14, 7, 25)

#define ROUND(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) \
	MIX(X0, X4, 0, X8, a, b) \
	MIX(X1, X5, 1, X9, c, d) \
	MIX(X2, X6, 2, X10, e, f) \
	MIX(X3, X7, 3, X11, g, h) \
	MIX(X0, X5, 2, X11, i, j) \
	MIX(X1, X6, 3, X8, k, l) \
	MIX(X2, X7, 0, X9, m, n) \
	MIX(X3, X4, 1, X10, o, p)

// WORDS turns four words of each of the four blocks into rows.
#define WORDS(i) \
	MOVOU (16*i)(SI), X0 \
	MOVOU (1024+16*i)(SI), X1 \
	MOVOU (2048+16*i)(SI), X2 \
	MOVOU (3072+16*i)(SI), X3 \
	MOVO  X0, X4 \
	PUNPCKLLQ X1, X0 \
	PUNPCKHLQ X1, X4 \
	MOVO  X2, X5 \
	PUNPCKLLQ X3, X2 \
	PUNPCKHLQ X3, X5 \
	MOVO  X0, X6 \
	PUNPCKLQDQ X2, X0 \
	PUNPCKHQDQ X2, X6 \
	MOVO  X4, X7 \
	PUNPCKLQDQ X5, X4 \
	PUNPCKHQDQ X5, X7 \
	MOVO  X0, WORD(4*i) \
	MOVO  X6, WORD(4*i+1) \
	MOVO  X4, WORD(4*i+2) \
	MOVO  X7, WORD(4*i+3)

// START puts one of the initial words into each lane of a value.
#define START(n, i) ALL(n, X0); MOVO X0, VALUE(i)

// func four(out *[8][4]uint32, in *[4096]byte, count uint64)
// In: in, count. Out: out. Clobbers: AX, BX, CX, DX, SI, R8, R9, R10, X0 to X15.
TEXT ·four(SB), 0, $464-24
	LEAQ frame-464(SP), R8
	ADDQ $15, R8
	ANDQ $~15, R8
	MOVQ in+8(FP), SI
	MOVQ count+16(FP), R10
	START(0x6a09e667, 0)
	START(0xbb67ae85, 1)
	START(0x3c6ef372, 2)
	START(0xa54ff53a, 3)
	START(0x510e527f, 4)
	START(0x9b05688c, 5)
	START(0x1f83d9ab, 6)
	START(0x5be0cd19, 7)
	MOVOU turns<>+0(SB), X13
	MOVOU turns<>+16(SB), X14
	MOVQ $16, CX
	MOVL $1, DX // the flag of a chunk's first block
block:
	CMPQ CX, $1
	JNE  inner
	ORL  $2, DX // and of its last one
inner:
	WORDS(0)
	WORDS(1)
	WORDS(2)
	WORDS(3)
	ALL(0x6a09e667, X8)
	MOVO X8, THIRD(0)
	ALL(0xbb67ae85, X8)
	MOVO X8, THIRD(1)
	ALL(0x3c6ef372, X8)
	MOVO X8, THIRD(2)
	ALL(0xa54ff53a, X8)
	MOVO X8, THIRD(3)
	// The count is a multiple of four: its upper half is the same in all lanes.
	MOVL R10, X8
	PSHUFD $0, X8, X8
	MOVOU lane<>(SB), X12
	PADDL X12, X8
	MOVQ R10, R9
	SHRQ $32, R9
	MOVL R9, X9
	PSHUFD $0, X9, X9
	ALL(64, X10)
	MOVL DX, X11
	PSHUFD $0, X11, X11
	MOVO VALUE(0), X0
	MOVO VALUE(1), X1
	MOVO VALUE(2), X2
	MOVO VALUE(3), X3
	MOVO VALUE(4), X4
	MOVO VALUE(5), X5
	MOVO VALUE(6), X6
	MOVO VALUE(7), X7
	ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
	ROUND(2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
	ROUND(3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1)
	ROUND(10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6)
	ROUND(12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4)
	ROUND(9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7)
	ROUND(11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13)
	PXOR THIRD(0), X0
	MOVO X0, VALUE(0)
	PXOR THIRD(1), X1
	MOVO X1, VALUE(1)
	PXOR THIRD(2), X2
	MOVO X2, VALUE(2)
	PXOR THIRD(3), X3
	MOVO X3, VALUE(3)
	PXOR X8, X4
	MOVO X4, VALUE(4)
	PXOR X9, X5
	MOVO X5, VALUE(5)
	PXOR X10, X6
	MOVO X6, VALUE(6)
	PXOR X11, X7
	MOVO X7, VALUE(7)
	XORL DX, DX
	ADDQ $64, SI
	DECQ CX
	JNZ  block
	MOVQ out+0(FP), BX
	MOVOU X0, 0(BX)
	MOVOU X1, 16(BX)
	MOVOU X2, 32(BX)
	MOVOU X3, 48(BX)
	MOVOU X4, 64(BX)
	MOVOU X5, 80(BX)
	MOVOU X6, 96(BX)
	MOVOU X7, 112(BX)
	RET
