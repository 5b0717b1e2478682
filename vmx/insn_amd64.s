//go:build metal

#include "go_asm.h"
#include "textflag.h"

#define VMXON_ARG0 BYTE $0xf3; BYTE $0x0f; BYTE $0xc7; BYTE $0x74; BYTE $0x24; BYTE $0x08 // vmxon 0x8(%rsp)
#define VMCLEAR_ARG0 BYTE $0x66; BYTE $0x0f; BYTE $0xc7; BYTE $0x74; BYTE $0x24; BYTE $0x08 // vmclear 0x8(%rsp)
#define VMPTRLD_ARG0 BYTE $0x0f; BYTE $0xc7; BYTE $0x74; BYTE $0x24; BYTE $0x08 // vmptrld 0x8(%rsp)
#define VMPTRST_RET0 BYTE $0x0f; BYTE $0xc7; BYTE $0x7c; BYTE $0x24; BYTE $0x08 // vmptrst 0x8(%rsp)
#define VMXOFF BYTE $0x0f; BYTE $0x01; BYTE $0xc4 // vmxoff
#define INVEPT_BX_AX BYTE $0x66; BYTE $0x0f; BYTE $0x38; BYTE $0x80; BYTE $0x03 // invept (%rbx), %rax
#define INVVPID_BX_AX BYTE $0x66; BYTE $0x0f; BYTE $0x38; BYTE $0x81; BYTE $0x03 // invvpid (%rbx), %rax

// FAIL leaves failInvalid in AX if CF is set, failValid if ZF is set, else 0.
#define FAIL SETCS AX; SETEQ CX; SHLB $1, CX; ORB CX, AX

// func vmxon(pa uint64) (fail uint8)
// In: pa. Out: fail. Clobbers: AX, CX, flags. Needs: CR4.VMXE.
TEXT ·vmxon(SB), NOSPLIT|NOFRAME, $0-9
	VMXON_ARG0
	FAIL
	MOVB AX, fail+8(FP)
	RET

// func vmxoff() (fail uint8)
// Out: fail. Clobbers: AX, CX, flags. Needs: VMX root.
TEXT ·vmxoff(SB), NOSPLIT|NOFRAME, $0-1
	VMXOFF
	FAIL
	MOVB AX, fail+0(FP)
	RET

// func vmclear(pa uint64) (fail uint8)
// In: pa. Out: fail. Clobbers: AX, CX, flags. Needs: VMX root.
TEXT ·vmclear(SB), NOSPLIT|NOFRAME, $0-9
	VMCLEAR_ARG0
	FAIL
	MOVB AX, fail+8(FP)
	RET

// func vmptrld(pa uint64) (fail uint8)
// In: pa. Out: fail. Clobbers: AX, CX, flags. Needs: VMX root.
TEXT ·vmptrld(SB), NOSPLIT|NOFRAME, $0-9
	VMPTRLD_ARG0
	FAIL
	MOVB AX, fail+8(FP)
	RET

// func vmptrst() uint64
// Out: pa. Clobbers: AX. Needs: VMX root.
TEXT ·vmptrst(SB), NOSPLIT|NOFRAME, $0-8
	VMPTRST_RET0
	MOVQ 8(SP), AX
	MOVQ AX, ret+0(FP)
	RET

// func invept(kind, eptp, zero uint64) (fail uint8)
// In: kind, and the descriptor as it lies in the arguments. Out: fail. Clobbers: AX, BX, CX, flags. Needs: VMX root.
TEXT ·invept(SB), NOSPLIT|NOFRAME, $0-25
	MOVQ kind+0(FP), AX
	LEAQ eptp+8(FP), BX
	INVEPT_BX_AX
	FAIL
	MOVB AX, fail+24(FP)
	RET

// func invvpid(kind, vpid, linear uint64) (fail uint8)
// In: kind, and the descriptor as it lies in the arguments. Out: fail. Clobbers: AX, BX, CX, flags. Needs: VMX root.
TEXT ·invvpid(SB), NOSPLIT|NOFRAME, $0-25
	MOVQ kind+0(FP), AX
	LEAQ vpid+8(FP), BX
	INVVPID_BX_AX
	FAIL
	MOVB AX, fail+24(FP)
	RET

// Writes MSR n from the 8 bytes at m.
#define PUT(n, m) MOVL $n, CX; MOVQ m, AX; MOVQ AX, DX; SHRQ $32, DX; WRMSR

#define msrEFER 0xc0000080
#define msrSTAR 0xc0000081
#define msrLSTAR 0xc0000082
#define msrFMASK 0xc0000084
#define msrKernelGSBase 0xc0000102
#define msrTSCAux 0xc0000103

#define LOADX(n, x) MOVUPS (Context_XMM+16*n)(BX), x

// func loadGuest(c *Context)
// In: c. Clobbers: AX, BX, CX, DX, flags, CR2, MXCSR, six MSRs. Needs: CPL 0; from here on a SYSCALL faults.
TEXT ·loadGuest(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ c+0(FP), BX
	PUT(msrEFER, ·host+syscallMSRs_quiet(SB))
	PUT(msrSTAR, Context_STAR(BX))
	PUT(msrLSTAR, Context_LSTAR(BX))
	PUT(msrFMASK, Context_FMASK(BX))
	PUT(msrKernelGSBase, Context_KernelGSBase(BX))
	CMPB ·hasRDTSCP(SB), $0
	JEQ  noAux
	PUT(msrTSCAux, Context_TSCAux(BX))
noAux:
	MOVQ Context_CR2(BX), AX
	MOVQ AX, CR2
	LDMXCSR Context_MXCSR(BX)
	LOADX(2, X2); LOADX(3, X3); LOADX(4, X4); LOADX(5, X5)
	LOADX(6, X6); LOADX(7, X7); LOADX(8, X8); LOADX(9, X9)
	LOADX(10, X10); LOADX(11, X11); LOADX(12, X12); LOADX(13, X13)
	MOVQ $1, Context_Live(BX)
	RET

// func loadHost(c *Context, h *syscallMSRs)
// In: c, h. Clobbers: AX, BX, CX, DX, SI, flags, MXCSR, four MSRs. Needs: CPL 0.
TEXT ·loadHost(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ c+0(FP), BX
	MOVQ h+8(FP), SI
	MOVL $msrKernelGSBase, CX
	RDMSR
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, Context_KernelGSBase(BX)
	LDMXCSR syscallMSRs_mxcsr(SI)
	PUT(msrSTAR, syscallMSRs_star(SI))
	PUT(msrLSTAR, syscallMSRs_lstar(SI))
	PUT(msrFMASK, syscallMSRs_fmask(SI))
	PUT(msrEFER, syscallMSRs_efer(SI))
	MOVQ $0, Context_Live(BX)
	RET
