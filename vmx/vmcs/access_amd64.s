//go:build metal

#include "textflag.h"

// The Go assembler does not know the VMX instructions; each is one macro of
// bytes, named after its mnemonic, with the decoded form beside it.
#define VMREAD_AX_BX BYTE $0x0f; BYTE $0x78; BYTE $0xc3 // vmread %rax, %rbx
#define VMWRITE_BX_AX BYTE $0x0f; BYTE $0x79; BYTE $0xc3 // vmwrite %rbx, %rax

// func read(enc uint64) uint64
// In: enc. Out: value, 0 if refused. Clobbers: AX, BX, flags. Needs: VMX root, current VMCS.
TEXT ·read(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ enc+0(FP), AX
	VMREAD_AX_BX
	JLS  refused
	MOVQ BX, ret+8(FP)
	RET
refused:
	INCQ ·Refused(SB)
	MOVQ AX, ·LastRefused(SB)
	MOVQ $0, ret+8(FP)
	RET

// func write(enc, v uint64)
// In: enc, v. Clobbers: AX, BX, flags. Needs: VMX root, current VMCS.
TEXT ·write(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ enc+0(FP), AX
	MOVQ v+8(FP), BX
	VMWRITE_BX_AX
	JLS  refused
	RET
refused:
	INCQ ·Refused(SB)
	MOVQ AX, ·LastRefused(SB)
	RET
