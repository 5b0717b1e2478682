#include "textflag.h"

// Every function here is a leaf of a few instructions without a frame, so that
// the exit path can call it.

// func CPUID(leaf, sub uint32) (a, b, c, d uint32)
// In: leaf, sub. Out: EAX to EDX. Clobbers: AX, BX, CX, DX.
TEXT ·CPUID(SB), NOSPLIT|NOFRAME, $0-24
	MOVL leaf+0(FP), AX
	MOVL sub+4(FP), CX
	CPUID
	MOVL AX, a+8(FP)
	MOVL BX, b+12(FP)
	MOVL CX, c+16(FP)
	MOVL DX, d+20(FP)
	RET

// func RDMSR(m MSR) uint64
// In: m. Out: value. Clobbers: AX, CX, DX, flags. Needs: CPL 0.
TEXT ·RDMSR(SB), NOSPLIT|NOFRAME, $0-16
	MOVL m+0(FP), CX
	RDMSR
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, ret+8(FP)
	RET

// func WRMSR(m MSR, v uint64)
// In: m, v. Clobbers: AX, CX, DX, flags. Needs: CPL 0.
TEXT ·WRMSR(SB), NOSPLIT|NOFRAME, $0-16
	MOVL m+0(FP), CX
	MOVQ v+8(FP), AX
	MOVQ AX, DX
	SHRQ $32, DX
	WRMSR
	RET

// func RDTSC() uint64
// Out: counter. Clobbers: AX, DX, flags.
TEXT ·RDTSC(SB), NOSPLIT|NOFRAME, $0-8
	RDTSC
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, ret+0(FP)
	RET

// func RFLAGS() uint64
// Out: flags. Clobbers: AX.
TEXT ·RFLAGS(SB), NOSPLIT|NOFRAME, $0-8
	PUSHFQ
	POPQ AX
	MOVQ AX, ret+0(FP)
	RET

// func XGETBV(reg uint32) uint64
// In: reg. Out: value. Clobbers: AX, CX, DX, flags. Needs: CR4.OSXSAVE.
TEXT ·XGETBV(SB), NOSPLIT|NOFRAME, $0-16
	MOVL reg+0(FP), CX
	XGETBV
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, ret+8(FP)
	RET

// func XSETBV(reg uint32, v uint64)
// In: reg, v. Clobbers: AX, CX, DX, flags. Needs: CPL 0, CR4.OSXSAVE.
TEXT ·XSETBV(SB), NOSPLIT|NOFRAME, $0-16
	MOVL reg+0(FP), CX
	MOVQ v+8(FP), AX
	MOVQ AX, DX
	SHRQ $32, DX
	XSETBV
	RET

// func INVLPG(va uintptr)
// In: va. Clobbers: AX. Needs: CPL 0.
TEXT ·INVLPG(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ va+0(FP), AX
	INVLPG (AX)
	RET

// func INVPCID(kind, pcid, va uint64)
// In: kind, and the descriptor as it lies in the arguments. Clobbers: AX, BX, flags. Needs: CPL 0.
TEXT ·INVPCID(SB), NOSPLIT|NOFRAME, $0-24
	MOVQ kind+0(FP), AX
	LEAQ pcid+8(FP), BX
	INVPCID (BX), AX
	RET

// func VMCALL(ax, di, si, dx uint64) uint64
// In: ax, di, si, dx. Out: RAX. Clobbers: AX, DX, SI, DI. Needs: a hypervisor below.
TEXT ·VMCALL(SB), NOSPLIT|NOFRAME, $0-40
	MOVQ ax+0(FP), AX
	MOVQ di+8(FP), DI
	MOVQ si+16(FP), SI
	MOVQ dx+24(FP), DX
	BYTE $0x0f; BYTE $0x01; BYTE $0xc1 // vmcall
	MOVQ AX, ret+32(FP)
	RET

// func WBINVD()
// Clobbers: nothing. Needs: CPL 0.
TEXT ·WBINVD(SB), NOSPLIT|NOFRAME, $0-0
	WBINVD
	RET

// func PAUSE()
// Clobbers: nothing.
TEXT ·PAUSE(SB), NOSPLIT|NOFRAME, $0-0
	PAUSE
	RET

// func MFENCE()
// Clobbers: nothing.
TEXT ·MFENCE(SB), NOSPLIT|NOFRAME, $0-0
	MFENCE
	RET

// func LFENCE()
// Clobbers: nothing.
TEXT ·LFENCE(SB), NOSPLIT|NOFRAME, $0-0
	LFENCE
	RET

// func CLI()
// Clobbers: IF. Needs: CPL 0.
TEXT ·CLI(SB), NOSPLIT|NOFRAME, $0-0
	CLI
	RET

// func STI()
// Clobbers: IF. Needs: CPL 0.
TEXT ·STI(SB), NOSPLIT|NOFRAME, $0-0
	STI
	RET

// func HLT()
// Clobbers: nothing. Needs: CPL 0.
TEXT ·HLT(SB), NOSPLIT|NOFRAME, $0-0
	HLT
	RET

// func WaitInterrupt()
// Clobbers: IF becomes 0. Needs: CPL 0, interrupt gates that preserve registers.
TEXT ·WaitInterrupt(SB), NOSPLIT|NOFRAME, $0-0
	STI
	HLT
	CLI
	RET

// func AdmitInterrupts()
// Clobbers: IF becomes 0. Needs: CPL 0, interrupt gates that preserve registers. They
// are kept from the one instruction after STI.
TEXT ·AdmitInterrupts(SB), NOSPLIT|NOFRAME, $0-0
	STI
	BYTE $0x90 // nop
	CLI
	RET

// func Stop()
// Clobbers: IF becomes 0. Needs: CPL 0. Does not return.
TEXT ·Stop(SB), NOSPLIT|NOFRAME, $0-0
again:
	CLI
	HLT
	JMP again
