//go:build metal

#include "go_asm.h"
#include "textflag.h"

#define STATE(reg) MOVQ $(const_machineAt+machine_set), reg

// func depart(cr3, rip, block uint64)
// In: another instance's tables, where to go on in it, and what it finds in DI.
// Out: none. Clobbers: everything. The two instructions that change the tables
// are in a page that both instances have at the same address.
TEXT ·depart(SB), NOSPLIT|NOFRAME, $0-24
	MOVQ cr3+0(FP), AX
	MOVQ rip+8(FP), BX
	MOVQ block+16(FP), DI
	MOVQ $const_bridgeAt, CX
	JMP  CX

// func arrive()
// In: DI = this processor's block; CR3 is ours, all else another instance's.
// Out: Golden returns true here. Clobbers: everything.
TEXT ·arrive(SB), NOSPLIT|NOFRAME, $0-0
	CLI
	CLD
	MOVQ DI, R9
	MOVQ CPU_stack(R9), SP
	CALL ·ours(SB)
	MOVQ $const_CameLoad, CPU_came(R9)
	STATE(R8)
	JMP  ·reenter(SB)

// func arriveBack()
// As arrive, from an instance that has failed: whatever the processor was doing.
// Clobbers: everything.
TEXT ·arriveBack(SB), NOSPLIT|NOFRAME, $0-0
	CLI
	CLD
	MOVQ DI, R9
	MOVQ CPU_stack(R9), SP
	CALL ·ours(SB)
	MOVQ $const_CameBack, CPU_came(R9)
	STATE(R8)
	CALL ·quiet(SB)
	JMP  ·reenter(SB)

// func ours()
// In: R9 = this processor's block, SP a stack of it. Makes GS, GDT, IDT and TR
// ours. Clobbers: AX, CX, DX.
TEXT ·ours(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ R9, AX
	MOVQ R9, DX
	SHRQ $32, DX
	MOVL $0xc0000101, CX // IA32_GS_BASE
	WRMSR
	MOVW $(const_gdtSize-1), -10(SP)
	MOVQ CPU_gdt(R9), AX
	MOVQ AX, -8(SP)
	LGDT -10(SP)
	MOVW $4095, -10(SP)
	MOVQ $const_idtAt, AX
	MOVQ AX, -8(SP)
	LIDT -10(SP)
	MOVQ CPU_gdt(R9), AX
	ANDL $~0x200, (const_selTSS+4)(AX) // not busy
	MOVL $const_selTSS, AX
	LTR  AX
	RET

// func giveBack()
// In: R8 = state, R9 = block; all processors were stopped by a reset. Out: the
// instance before this one goes on. Clobbers: everything.
TEXT ·giveBack(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ goldenState_back(R8), DX
	MOVQ Seat_CR3(DX), AX
	MOVQ Seat_Return(DX), BX
	MOVQ R9, DI
	MOVQ $const_bridgeAt, CX
	JMP  CX

// func arriveExit()
// Where the exit stub returns to after a VM exit that the instance before this
// one had arranged: registers are in the VP's record, CR3, GS, FS, GDT, IDT and
// TR are ours. Out: Golden returns true here. Clobbers: everything.
TEXT ·arriveExit(SB), NOSPLIT|NOFRAME, $0-0
	CLD
	MOVQ CPU_self(GS), R9
	MOVQ $const_CameExit, CPU_came(R9)
	STATE(R8)
	JMP  ·reenter(SB)
