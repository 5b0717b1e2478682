//go:build metal

#include "textflag.h"

// func in(port uint16) byte
// In: port. Out: the byte. Clobbers: AX, DX.
TEXT ·in(SB), NOSPLIT, $0-9
	MOVW port+0(FP), DX
	XORL AX, AX
	INB
	MOVB AX, ret+8(FP)
	RET

// func out(port uint16, v byte)
// In: port, v. Clobbers: AX, DX.
TEXT ·out(SB), NOSPLIT, $0-3
	MOVW port+0(FP), DX
	MOVB v+2(FP), AX
	OUTB
	RET
