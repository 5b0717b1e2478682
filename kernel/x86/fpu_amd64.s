#include "textflag.h"

// func FXSAVE(a *FXArea)
// In: a. Clobbers: AX.
TEXT ·FXSAVE(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ a+0(FP), AX
	FXSAVE64 (AX)
	RET

// func FXRSTOR(a *FXArea)
// In: a. Clobbers: AX, x87, MXCSR, X0-X14; X15, which Go keeps zero, is zeroed again.
TEXT ·FXRSTOR(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ a+0(FP), AX
	FXRSTOR64 (AX)
	XORPS X15, X15
	RET

// func XSAVE(a *XArea, mask uint64)
// In: a, mask. Clobbers: AX, BX, DX, flags. Needs: CR4.OSXSAVE.
TEXT ·XSAVE(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ a+0(FP), BX
	MOVQ mask+8(FP), AX
	MOVQ AX, DX
	SHRQ $32, DX
	XSAVE64 (BX)
	RET

// func XRSTOR(a *XArea, mask uint64)
// In: a, mask. Clobbers: AX, BX, DX and every component of mask; for the caller X15 is zeroed again by the ABI wrapper. Needs: CR4.OSXSAVE.
TEXT ·XRSTOR(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ a+0(FP), BX
	MOVQ mask+8(FP), AX
	MOVQ AX, DX
	SHRQ $32, DX
	XRSTOR64 (BX)
	RET

// func FNINIT()
// Clobbers: x87, MXCSR.
TEXT ·FNINIT(SB), NOSPLIT|NOFRAME, $0-0
	BYTE $0xdb; BYTE $0xe3 // fninit
	PUSHQ $0x1f80
	LDMXCSR 0(SP)
	POPQ AX
	RET
