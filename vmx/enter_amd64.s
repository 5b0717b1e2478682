//go:build metal

#include "go_asm.h"
#include "textflag.h"

#define VMLAUNCH BYTE $0x0f; BYTE $0x01; BYTE $0xc2 // vmlaunch
#define VMRESUME BYTE $0x0f; BYTE $0x01; BYTE $0xc3 // vmresume
#define VMREAD_CX_RIP BYTE $0x0f; BYTE $0x78; BYTE $0x4b; BYTE $0x20 // vmread %rcx, 0x20(%rbx)
#define VMREAD_CX_LEN BYTE $0x0f; BYTE $0x78; BYTE $0x4b; BYTE $0x28 // vmread %rcx, 0x28(%rbx)
#define VMREAD_CX_AX BYTE $0x0f; BYTE $0x78; BYTE $0xc8 // vmread %rcx, %rax
#define VMREAD_CX_DX BYTE $0x0f; BYTE $0x78; BYTE $0xca // vmread %rcx, %rdx
#define VMWRITE_AX_CX BYTE $0x0f; BYTE $0x79; BYTE $0xc8 // vmwrite %rax, %rcx

// Field encodings, as vmcs has them; a host test compares.
#define fieldRIP 0x681e
#define fieldReason 0x4402
#define fieldLength 0x440c
#define fieldError 0x4400
#define fieldRFLAGS 0x6820
#define fieldShadow 0x4824
#define fieldDebugCtl 0x2802
#define fieldPendingDebug 0x6822
#define errorNotClear 4

// What an instruction leaves behind: the trap of a single step; the end of the
// shadow of the STI or MOV SS before it.
#define flagTF 0x100
#define shadows 3
#define debugBTF 2
#define pendingBS 0x4000

// In Enter BX is c; in the exit stub it is &c.HostSP, so that what the stub needs
// is near. region_unsafe.go holds the displacements of the two VMREADs to Context.
#define LOADX(n, x) MOVUPS (Context_XMM+16*n)(BX), x
#define SAVEX(n, x) MOVUPS x, (Context_XMM-Context_HostSP+16*n)(BX)

// func Enter(c *Context) (reason uint64)
// In: c. Out: exit reason. Clobbers: all but SP and BP; the ABI wrapper restores R14 and X15.
// Needs: VMX root, current VMCS with HOST_RSP = &c.HostSP and HOST_RIP = exitPC, IF = 0.
// From MOVQ BX, SP on there is no stack: NMI, #MC and #DB have their own.
TEXT ·Enter(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ c+0(FP), BX
	MOVQ BP, Context_HostBP(BX)
	MOVQ SP, Context_HostSP(BX)
	MOVQ $-1, Context_Reason(BX)
	MOVQ Context_Commit(BX), DX
	TESTQ DX, DX
	JEQ  load

	// The commit is applied; a second time would change nothing.
	CMPQ DX, $const_CommitRIP
	JEQ  rip
	CMPQ DX, $(const_CommitRIP|const_CommitABCD)
	JNE  other
	MOVUPS Context_OutRBX(BX), X0
	MOVUPS Context_OutRCX(BX), X1
	MOVUPS X0, (Context_Regs+8*const_RBX)(BX)
	MOVUPS X1, (Context_Regs+8*const_RCX)(BX)
rip:
	MOVL $fieldRIP, CX
	MOVQ Context_OutRIP(BX), AX
	VMWRITE_AX_CX
	MOVL $fieldRFLAGS, CX
	VMREAD_CX_AX
	MOVL $fieldShadow, CX
	VMREAD_CX_DX
	ANDL $flagTF, AX
	ANDL $shadows, DX
	ORL  AX, DX
	JNE  stepped
done:
	MOVQ $0, Context_Commit(BX)
load:
	// The quiet path touches no others; loadGuest has loaded them.
	LOADX(0, X0); LOADX(1, X1); LOADX(14, X14); LOADX(15, X15)
	CMPQ Context_Launched(BX), $1 // sets a flag in either case, which tells us from exitStub
	MOVQ BX, SP
	POPQ R15
	POPQ R14
	POPQ R13
	POPQ R12
	POPQ R11
	POPQ R10
	POPQ R9
	POPQ R8
	POPQ DI
	POPQ SI
	POPQ BP
	POPQ BX
	POPQ DX
	POPQ CX
	POPQ AX
	JCS  launch
	VMRESUME
	JMP  refused
launch:
	MOVQ $1, (Context_Launched-Context_HostSP)(SP)
	VMLAUNCH
	MOVQ $0, (Context_Launched-Context_HostSP)(SP)

	// The instruction failed: SP is &c.HostSP, the registers are the guest's and
	// still in c. If only Launched was wrong, it is put right.
refused:
	LEAQ -Context_HostSP(SP), BX
	MOVQ Context_HostBP(BX), R8
	MOVQ Context_HostSP(BX), SP
	XORL AX, AX
	MOVL $fieldError, CX
	VMREAD_CX_AX
	MOVQ Context_Launched(BX), DX
	ADDQ $errorNotClear, DX // the error that goes with VMLAUNCH; VMRESUME's is the next one
	XORQ $1, Context_Launched(BX)
	CMPQ AX, DX
	JEQ  load
	XORQ $1, Context_Launched(BX)
	MOVQ $const_Refused, CX
	ORQ  CX, AX
	MOVQ AX, 16(SP)
	MOVQ R8, BP
	BYTE $0xc3 // ret: the assembler counts POPs, SP is Enter's again

	// The instruction that is stepped over was in a shadow (CX is fieldShadow), or
	// is single-stepped. SDM Vol. 3C, "Checks on Guest Non-Register State".
stepped:
	VMREAD_CX_AX
	ANDL $~shadows, AX
	VMWRITE_AX_CX
	TESTL $flagTF, DX
	JEQ  done
	MOVL $fieldDebugCtl, CX
	VMREAD_CX_AX
	TESTL $debugBTF, AX
	JNE  done
	MOVL $fieldPendingDebug, CX
	VMREAD_CX_AX
	ORL  $pendingBS, AX
	VMWRITE_AX_CX
	JMP  done

	// The commits that are not so frequent.
other:
	TESTL $const_CommitABCD, DX
	JEQ  notABCD
	MOVUPS Context_OutRBX(BX), X0
	MOVUPS Context_OutRCX(BX), X1
	MOVUPS X0, (Context_Regs+8*const_RBX)(BX)
	MOVUPS X1, (Context_Regs+8*const_RCX)(BX)
	JMP  perhapsRIP
notABCD:
	MOVQ Context_OutRAX(BX), AX
	TESTL $const_CommitRAX, DX
	JEQ  notRAX
	MOVQ AX, (Context_Regs+8*const_RAX)(BX)
notRAX:
	TESTL $const_CommitReg, DX
	JEQ  perhapsRIP
	MOVQ Context_OutIndex(BX), CX
	CMPQ CX, $15
	JCC  perhapsRIP
	MOVQ AX, Context_Regs(BX)(CX*8)
perhapsRIP:
	TESTL $const_CommitRIP, DX
	JNE  rip
	JMP  done

// func exitStub()
// HOST_RIP: the processor comes here on every VM exit. Registers are the guest's, SP is &c.HostSP, CR3, GS, FS, GDT, IDT and TR are the host's, flags are 2.
// Out: the exit reason, to Enter's caller. Clobbers: AX, BX, CX, DX, flags; guest registers go into c first.
TEXT ·exitStub(SB), NOSPLIT|NOFRAME, $0-0
	PUSHQ AX
	PUSHQ CX
	PUSHQ DX
	PUSHQ BX
	PUSHQ BP
	PUSHQ SI
	PUSHQ DI
	PUSHQ R8
	PUSHQ R9
	PUSHQ R10
	PUSHQ R11
	PUSHQ R12
	PUSHQ R13
	PUSHQ R14
	PUSHQ R15
	LEAQ Context_HostSP(SP), BX
	MOVQ (Context_HostBP-Context_HostSP)(BX), BP
	MOVQ 0(BX), SP
	SAVEX(0, X0); SAVEX(1, X1); SAVEX(2, X2); SAVEX(3, X3)
	SAVEX(4, X4); SAVEX(5, X5); SAVEX(6, X6); SAVEX(7, X7)
	SAVEX(8, X8); SAVEX(9, X9); SAVEX(10, X10); SAVEX(11, X11)
	SAVEX(12, X12); SAVEX(13, X13); SAVEX(14, X14); SAVEX(15, X15)
	STMXCSR (Context_MXCSR-Context_HostSP)(BX)
	MOVQ CR2, AX
	MOVQ AX, (Context_CR2-Context_HostSP)(BX)
	RDTSC
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, (Context_TSC-Context_HostSP)(BX)
	MOVL $fieldRIP, CX
	VMREAD_CX_RIP
	MOVL $fieldLength, CX
	VMREAD_CX_LEN
	MOVL $fieldReason, CX
	VMREAD_CX_AX
	MOVQ AX, (Context_Reason-Context_HostSP)(BX)
	MOVQ AX, 16(SP)
	BYTE $0xc3 // ret: the assembler counts PUSHes, the processor has changed stacks

// func exitPC() uint64
// Out: address of the exit stub. Clobbers: AX.
TEXT ·exitPC(SB), NOSPLIT|NOFRAME, $0-8
	LEAQ ·exitStub(SB), AX
	MOVQ AX, ret+0(FP)
	RET

// func EnterFor(c *Context, frame uint64)
// In: c, frame. Out: none. Clobbers: everything. Enter keeps SP and BP for the way
// back, which is another instance's: our page at that address is not used.
TEXT ·EnterFor(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ c+0(FP), AX
	MOVQ frame+8(FP), CX
	PUSHQ $0
	POPQ BP
	MOVQ CX, SP
	MOVQ AX, 8(SP)
	JMP  ·Enter(SB)

// func UnblockNMI()
// An IRET to the caller. Clobbers: AX, CX.
TEXT ·UnblockNMI(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ SP, AX
	XORL CX, CX
	MOVW SS, CX
	PUSHQ CX
	PUSHQ AX
	PUSHFQ
	MOVW CS, CX
	PUSHQ CX
	LEAQ ·unblocked(SB), CX
	PUSHQ CX
	IRETQ

// func unblocked()
// Where UnblockNMI's IRET goes. Clobbers: nothing.
TEXT ·unblocked(SB), NOSPLIT|NOFRAME, $0-0
	RET
