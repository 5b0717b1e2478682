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

#define VMCALL BYTE $0x0f; BYTE $0x01; BYTE $0xc1 // vmcall

// func vmcall(r *Regs)
// In: r. Out: r.AX, r.DX. Clobbers: AX, BX, CX, DX, DI, SI, R8, R9, R10.
// Needs: a hypervisor; else the processor gives #UD.
TEXT ·vmcall(SB), NOSPLIT, $0-8
	MOVQ r+0(FP), CX
	MOVQ Regs_AX(CX), AX
	MOVQ Regs_DI(CX), DI
	MOVQ Regs_SI(CX), SI
	MOVQ Regs_BX(CX), DX
	MOVQ Regs_R10(CX), R10
	MOVQ Regs_R8(CX), R8
	MOVQ Regs_R9(CX), R9
	VMCALL
	MOVQ AX, Regs_AX(CX)
	MOVQ DX, Regs_DX(CX)
	RET
