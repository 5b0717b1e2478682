//go:build metal

#include "go_asm.h"
#include "textflag.h"
#include "frame.h"

// func vectors()
// In: what the processor pushes for an exception or interrupt. Out: enter, with
// an error code pushed in every case. Clobbers: nothing. Each entry is 8 bytes.
TEXT ·vectors(SB), NOSPLIT|NOFRAME, $0-0
#define PLAIN BYTE $0x6a; BYTE $0; CALL ·enter(SB); BYTE $0x90 // push $0x0; nop
#define ERROR BYTE $0x66; BYTE $0x90; CALL ·enter(SB); BYTE $0x90 // xchg %ax,%ax; nop
#define PLAIN8 PLAIN; PLAIN; PLAIN; PLAIN; PLAIN; PLAIN; PLAIN; PLAIN
	PLAIN8
	ERROR; PLAIN; ERROR; ERROR; ERROR; ERROR; ERROR; PLAIN
	PLAIN; ERROR; PLAIN; PLAIN; PLAIN; ERROR; PLAIN; PLAIN
	PLAIN; PLAIN; PLAIN; PLAIN; PLAIN; ERROR; ERROR; PLAIN
	PLAIN8; PLAIN8; PLAIN8; PLAIN8
	PLAIN8; PLAIN8; PLAIN8; PLAIN8
	PLAIN8; PLAIN8; PLAIN8; PLAIN8
	PLAIN8; PLAIN8; PLAIN8; PLAIN8
	PLAIN8; PLAIN8; PLAIN8; PLAIN8
	PLAIN8; PLAIN8; PLAIN8; PLAIN8
	PLAIN8; PLAIN8; PLAIN8; PLAIN8
	RET

// func enter()
// In: SP = an address after an entry of vectors, error code, what the processor
// pushed; the stack of traps. Out: the interrupted state, as trap changed it.
// Clobbers: nothing. Needs: GS base.
TEXT ·enter(SB), NOSPLIT|NOFRAME, $0-0
	PUSHREGS
	CLD
	LEAQ ·vectors(SB), AX
	MOVQ 120(SP), BX
	SUBQ AX, BX
	SHRQ $3, BX
	MOVQ BX, 120(SP)
	CMPQ BX, $32
	JAE  interrupt
	KEEPFPU
	MOVQ R12, 16(SP)
	INCQ CPU_depth(GS)
	CALL ·trap(SB)
	DECQ CPU_depth(GS)
	FXRSTOR64 64(SP)
	MOVQ 16(SP), SP
	POPREGS
	ADDQ $16, SP
	IRETQ
interrupt:
	BTSQ BX, CPU_Vectors(GS)
	POPREGS
	ADDQ $16, SP
	IRETQ

// func doubleFault()
// In: what the processor pushed. Out: none, the instance has failed. Clobbers: everything.
TEXT ·doubleFault(SB), NOSPLIT|NOFRAME, $0-0
	PUSHQ $8
	PUSHREGS
	JMP  ·dead(SB)

// func machineCheck()
// In: what the processor pushed. Out: none, the instance has failed. Clobbers: everything.
TEXT ·machineCheck(SB), NOSPLIT|NOFRAME, $0-0
	PUSHQ $0
	PUSHQ $18
	PUSHREGS
	JMP  ·dead(SB)

// func dead()
// In: SP = a frame. Out: none. Clobbers: everything.
TEXT ·dead(SB), NOSPLIT|NOFRAME, $0-0
	CLD
	MOVQ SP, DI
	MOVQ CPU_self(GS), BX
	NOGOROUTINE(BX)
	SUBQ $16, SP
	MOVQ DI, 0(SP)
	CALL ·fatalTrap(SB)
again:
	CLI
	HLT
	JMP again
