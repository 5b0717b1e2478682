#include "textflag.h"

// func RDMSRSafe(m MSR) (v uint64, ok bool)
// In: m. Out: value, or ok false. Clobbers: AX, CX, DX, flags. Needs: CPL 0.
TEXT ·RDMSRSafe(SB), NOSPLIT|NOFRAME, $0-17
	MOVL m+0(FP), CX
	MOVB $1, ok+16(FP)
	JMP  rdmsrHere<>(SB)

// func rdmsrHere()
// The read itself, and the way on when it went well. Clobbers: AX, DX.
TEXT rdmsrHere<>(SB), NOSPLIT|NOFRAME, $0-0
	RDMSR
	MOVL AX, 16(SP)
	MOVL DX, 20(SP)
	RET

// func rdmsrFault()
// The way on when it faulted. Clobbers: nothing.
TEXT rdmsrFault<>(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ $0, 16(SP)
	MOVB $0, 24(SP)
	RET

// func WRMSRSafe(m MSR, v uint64) (ok bool)
// In: m, v. Out: ok. Clobbers: AX, CX, DX, flags. Needs: CPL 0.
TEXT ·WRMSRSafe(SB), NOSPLIT|NOFRAME, $0-17
	MOVL m+0(FP), CX
	MOVQ v+8(FP), AX
	MOVQ AX, DX
	SHRQ $32, DX
	MOVB $1, ok+16(FP)
	JMP  wrmsrHere<>(SB)

// func wrmsrHere()
// The write itself, and the way on when it went well. Clobbers: nothing.
TEXT wrmsrHere<>(SB), NOSPLIT|NOFRAME, $0-0
	WRMSR
	RET

// func wrmsrFault()
// The way on when it faulted. Clobbers: nothing.
TEXT wrmsrFault<>(SB), NOSPLIT|NOFRAME, $0-0
	MOVB $0, 24(SP)
	RET

// func Fixup(rip uint64) (to uint64)
// In: rip. Out: where to go on, or 0. Clobbers: AX, BX, CX, flags.
TEXT ·Fixup(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ rip+0(FP), AX
	LEAQ rdmsrHere<>(SB), BX
	LEAQ rdmsrFault<>(SB), CX
	CMPQ AX, BX
	JEQ  found
	LEAQ wrmsrHere<>(SB), BX
	LEAQ wrmsrFault<>(SB), CX
	CMPQ AX, BX
	JEQ  found
	XORL CX, CX
found:
	MOVQ CX, to+8(FP)
	RET
