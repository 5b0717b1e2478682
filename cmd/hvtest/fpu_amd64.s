#include "textflag.h"
#include "go_asm.h"

// func holdSSE(in, out *vectors, c *controls, exits uint32)
// In: patterns, controls. Out: *out, *c. Clobbers: AX, BX, CX, DX, SI, DI, R8, R9, R10, all vector registers, flags.
// Needs: exits > 0; the processor's AVX if it is holdAVX.
TEXT ·holdSSE(SB), NOSPLIT, $16-28
	MOVQ in+0(FP), SI
	MOVQ out+8(FP), DI
	MOVQ c+16(FP), R8
	MOVL exits+24(FP), R9
	STMXCSR old-8(SP)
	FSTCW oldfcw-16(SP)
	LDMXCSR controls_mxcsr(R8)
	FLDCW controls_fcw(R8)
	MOVUPS 0(SI), X0
	MOVUPS 32(SI), X1
	MOVUPS 64(SI), X2
	MOVUPS 96(SI), X3
	MOVUPS 128(SI), X4
	MOVUPS 160(SI), X5
	MOVUPS 192(SI), X6
	MOVUPS 224(SI), X7
	MOVUPS 256(SI), X8
	MOVUPS 288(SI), X9
	MOVUPS 320(SI), X10
	MOVUPS 352(SI), X11
	MOVUPS 384(SI), X12
	MOVUPS 416(SI), X13
	MOVUPS 448(SI), X14
	MOVUPS 480(SI), X15
again:
	XORL AX, AX
	XORL CX, CX
	CPUID
	DECL R9
	JNZ  again
	MOVUPS X0, 0(DI)
	MOVUPS X1, 32(DI)
	MOVUPS X2, 64(DI)
	MOVUPS X3, 96(DI)
	MOVUPS X4, 128(DI)
	MOVUPS X5, 160(DI)
	MOVUPS X6, 192(DI)
	MOVUPS X7, 224(DI)
	MOVUPS X8, 256(DI)
	MOVUPS X9, 288(DI)
	MOVUPS X10, 320(DI)
	MOVUPS X11, 352(DI)
	MOVUPS X12, 384(DI)
	MOVUPS X13, 416(DI)
	MOVUPS X14, 448(DI)
	MOVUPS X15, 480(DI)
	STMXCSR controls_mxcsr(R8)
	MOVL $0, controls_fcw(R8)
	FSTCW controls_fcw(R8)
	LDMXCSR old-8(SP)
	FLDCW oldfcw-16(SP)
	XORPS X15, X15
	RET

// func holdAVX(in, out *vectors, c *controls, exits uint32)
// In: patterns, controls. Out: *out, *c. Clobbers: AX, BX, CX, DX, SI, DI, R8, R9, R10, all vector registers, flags.
// Needs: exits > 0; the processor's AVX if it is holdAVX.
TEXT ·holdAVX(SB), NOSPLIT, $16-28
	MOVQ in+0(FP), SI
	MOVQ out+8(FP), DI
	MOVQ c+16(FP), R8
	MOVL exits+24(FP), R9
	STMXCSR old-8(SP)
	FSTCW oldfcw-16(SP)
	LDMXCSR controls_mxcsr(R8)
	FLDCW controls_fcw(R8)
	VMOVUPS 0(SI), Y0
	VMOVUPS 32(SI), Y1
	VMOVUPS 64(SI), Y2
	VMOVUPS 96(SI), Y3
	VMOVUPS 128(SI), Y4
	VMOVUPS 160(SI), Y5
	VMOVUPS 192(SI), Y6
	VMOVUPS 224(SI), Y7
	VMOVUPS 256(SI), Y8
	VMOVUPS 288(SI), Y9
	VMOVUPS 320(SI), Y10
	VMOVUPS 352(SI), Y11
	VMOVUPS 384(SI), Y12
	VMOVUPS 416(SI), Y13
	VMOVUPS 448(SI), Y14
	VMOVUPS 480(SI), Y15
again:
	XORL AX, AX
	XORL CX, CX
	CPUID
	DECL R9
	JNZ  again
	VMOVUPS Y0, 0(DI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y2, 64(DI)
	VMOVUPS Y3, 96(DI)
	VMOVUPS Y4, 128(DI)
	VMOVUPS Y5, 160(DI)
	VMOVUPS Y6, 192(DI)
	VMOVUPS Y7, 224(DI)
	VMOVUPS Y8, 256(DI)
	VMOVUPS Y9, 288(DI)
	VMOVUPS Y10, 320(DI)
	VMOVUPS Y11, 352(DI)
	VMOVUPS Y12, 384(DI)
	VMOVUPS Y13, 416(DI)
	VMOVUPS Y14, 448(DI)
	VMOVUPS Y15, 480(DI)
	STMXCSR controls_mxcsr(R8)
	MOVL $0, controls_fcw(R8)
	FSTCW controls_fcw(R8)
	LDMXCSR old-8(SP)
	FLDCW oldfcw-16(SP)
	VZEROUPPER
	XORPS X15, X15
	RET
