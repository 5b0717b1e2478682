#include "textflag.h"

// func LGDT(t *TableRegister)
// In: t. Clobbers: AX. Needs: CPL 0.
TEXT ·LGDT(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ t+0(FP), AX
	LGDT (AX)
	RET

// func LIDT(t *TableRegister)
// In: t. Clobbers: AX. Needs: CPL 0.
TEXT ·LIDT(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ t+0(FP), AX
	LIDT (AX)
	RET

// func SGDT(t *TableRegister)
// In: t. Clobbers: AX.
TEXT ·SGDT(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ t+0(FP), AX
	SGDT (AX)
	RET

// func SIDT(t *TableRegister)
// In: t. Clobbers: AX.
TEXT ·SIDT(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ t+0(FP), AX
	SIDT (AX)
	RET

// func LTR(sel uint16)
// In: sel. Clobbers: AX. Needs: CPL 0, an available TSS descriptor.
TEXT ·LTR(SB), NOSPLIT|NOFRAME, $0-2
	MOVWLZX sel+0(FP), AX
	LTR AX
	RET

// func STR() uint16
// Out: selector. Clobbers: AX.
TEXT ·STR(SB), NOSPLIT|NOFRAME, $0-2
	STRW AX
	MOVW AX, ret+0(FP)
	RET
