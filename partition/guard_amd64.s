//go:build metal

#include "textflag.h"

// func guarded(c *CPU, v *VP, at *kernel.Guard) (fault uint64)
// Calls runGuest. In: c, v, at. Out: 0, or 1 if a fault below has ended it.
// Clobbers: all but SP and BP. In its frame of 24 bytes BP is 16 above SP, as kernel.Guard has it.
TEXT ·guarded(SB), NOSPLIT, $16-32
	MOVQ c+0(FP), AX
	MOVQ v+8(FP), CX
	MOVQ at+16(FP), DX
	MOVQ AX, 0(SP)
	MOVQ CX, 8(SP)
	LEAQ ·landing(SB), AX
	MOVQ AX, 8(DX) // Guard.PC
	MOVQ BP, 0(DX) // Guard.BP: from here on
	CALL ·runGuest(SB)
	MOVQ at+16(FP), DX
	MOVQ $0, 0(DX)
	MOVQ $0, fault+24(FP)
	RET

// func landing()
// The second way back from guarded's call. In: BP, SP = guarded's. Out: guarded's
// caller, and 1. Clobbers: all but SP and BP.
TEXT ·landing(SB), NOSPLIT|NOFRAME, $0-0
	XORPS X15, X15
	MOVQ $1, 56(SP) // fault
	ADDQ $16, SP
	BYTE $0x5d // pop %rbp: what the assembler would take for an end without a beginning
	BYTE $0xc3 // ret
