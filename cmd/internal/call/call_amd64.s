#include "textflag.h"
#include "go_asm.h"

// func out(r *Regs)
// In: r. Out: r.AX, r.DX. Clobbers: AX, BX, CX, DX, DI, SI, R8, R9, R10.
// Needs: the thread holds the port; else the processor gives #GP at the OUT.
TEXT ·out(SB), NOSPLIT, $0-8
	MOVQ r+0(FP), CX
	MOVQ Regs_AX(CX), AX
	MOVQ Regs_DI(CX), DI
	MOVQ Regs_SI(CX), SI
	MOVQ Regs_BX(CX), BX
	MOVQ Regs_R10(CX), R10
	MOVQ Regs_R8(CX), R8
	MOVQ Regs_R9(CX), R9
	MOVQ $const_port, DX
	OUTL                  // out %eax, (%dx)
	MOVQ AX, Regs_AX(CX)
	MOVQ DX, Regs_DX(CX)
	RET

// func CPUID(leaf, sub uint32) (a, b, c, d uint32)
// In: leaf, sub. Out: the four registers. Clobbers: AX, BX, CX, DX.
TEXT ·CPUID(SB), NOSPLIT, $0-24
	MOVL leaf+0(FP), AX
	MOVL sub+4(FP), CX
	CPUID
	MOVL AX, a+8(FP)
	MOVL BX, b+12(FP)
	MOVL CX, c+16(FP)
	MOVL DX, d+20(FP)
	RET
