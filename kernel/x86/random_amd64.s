#include "textflag.h"

// func RDSEED() (v uint64, ok bool)
// Clobbers: AX, flags.
TEXT ·RDSEED(SB), NOSPLIT|NOFRAME, $0-9
	BYTE $0x48; BYTE $0x0f; BYTE $0xc7; BYTE $0xf8 // rdseed %rax
	MOVQ AX, v+0(FP)
	SETCS ok+8(FP)
	RET

// func RDRAND() (v uint64, ok bool)
// Clobbers: AX, flags.
TEXT ·RDRAND(SB), NOSPLIT|NOFRAME, $0-9
	BYTE $0x48; BYTE $0x0f; BYTE $0xc7; BYTE $0xf0 // rdrand %rax
	MOVQ AX, v+0(FP)
	SETCS ok+8(FP)
	RET
