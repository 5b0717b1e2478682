#include "textflag.h"

// func IN8(port uint16) uint8
// In: port. Out: value. Clobbers: AX, DX.
TEXT ·IN8(SB), NOSPLIT|NOFRAME, $0-9
	MOVWLZX port+0(FP), DX
	INB
	MOVB AX, ret+8(FP)
	RET

// func IN16(port uint16) uint16
// In: port. Out: value. Clobbers: AX, DX.
TEXT ·IN16(SB), NOSPLIT|NOFRAME, $0-10
	MOVWLZX port+0(FP), DX
	INW
	MOVW AX, ret+8(FP)
	RET

// func IN32(port uint16) uint32
// In: port. Out: value. Clobbers: AX, DX.
TEXT ·IN32(SB), NOSPLIT|NOFRAME, $0-12
	MOVWLZX port+0(FP), DX
	INL
	MOVL AX, ret+8(FP)
	RET

// func OUT8(port uint16, v uint8)
// In: port, v. Clobbers: AX, DX.
TEXT ·OUT8(SB), NOSPLIT|NOFRAME, $0-3
	MOVWLZX port+0(FP), DX
	MOVB v+2(FP), AX
	OUTB
	RET

// func OUT16(port uint16, v uint16)
// In: port, v. Clobbers: AX, DX.
TEXT ·OUT16(SB), NOSPLIT|NOFRAME, $0-4
	MOVWLZX port+0(FP), DX
	MOVW v+2(FP), AX
	OUTW
	RET

// func OUT32(port uint16, v uint32)
// In: port, v. Clobbers: AX, DX.
TEXT ·OUT32(SB), NOSPLIT|NOFRAME, $0-8
	MOVWLZX port+0(FP), DX
	MOVL v+4(FP), AX
	OUTL
	RET
