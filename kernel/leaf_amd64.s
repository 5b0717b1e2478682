//go:build metal

#include "go_asm.h"
#include "textflag.h"

// func self() *CPU
// Out: the processor's block. Clobbers: AX.
TEXT ·self(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ CPU_self(GS), AX
	MOVQ AX, ret+0(FP)
	RET

// func reload(cr3 uint64)
// In: cr3. Clobbers: AX. Flushes this address space's translations.
TEXT ·reload(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ cr3+0(FP), AX
	MOVQ AX, CR3
	RET

// func segments()
// Loads CS and SS from the GDT; the others become null. Clobbers: AX.
TEXT ·segments(SB), NOSPLIT|NOFRAME, $0-0
	POPQ AX
	PUSHQ $const_selCode
	PUSHQ AX
	MOVL $const_selData, AX
	MOVW AX, SS
	XORL AX, AX
	MOVW AX, DS
	MOVW AX, ES
	BYTE $0x48; BYTE $0xcb // lretq

// func getpid()
// A system call, at whose end a pending signal arrives. Clobbers: AX, CX, R11.
TEXT ·getpid(SB), NOSPLIT, $0-0
	MOVL $39, AX
	SYSCALL
	RET

// func schedYield()
// A system call that lets other threads have the processor. Clobbers: AX, CX, R11.
TEXT ·schedYield(SB), NOSPLIT, $0-0
	MOVL $24, AX
	SYSCALL
	RET

// func private(op, a, b uint64) uint64
// A system call that package kernel answers itself, on the stack of system
// calls. Clobbers: AX, CX, SI, DI, R11.
TEXT ·private(SB), NOSPLIT, $0-32
	MOVQ op+0(FP), AX
	MOVQ a+8(FP), DI
	MOVQ b+16(FP), SI
	SYSCALL
	MOVQ AX, ret+24(FP)
	RET

// func address(which uint64) uint64
// Out: the address of an entry: 0 vectors, 1 syscallEntry, 2 nmi, 3
// doubleFault, 4 machineCheck, 5 apEntry, 6 arrive, 7 arriveExit, 8 arriveBack.
// Clobbers: AX, BX.
TEXT ·address(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ which+0(FP), BX
	LEAQ ·vectors(SB), AX
	CMPQ BX, $1
	JB   done
	LEAQ ·syscallEntry(SB), AX
	JE   done
	LEAQ ·nmi(SB), AX
	CMPQ BX, $3
	JB   done
	LEAQ ·doubleFault(SB), AX
	JE   done
	LEAQ ·machineCheck(SB), AX
	CMPQ BX, $5
	JB   done
	LEAQ ·apEntry(SB), AX
	JE   done
	LEAQ ·arrive(SB), AX
	CMPQ BX, $7
	JB   done
	LEAQ ·arriveExit(SB), AX
	JE   done
	LEAQ ·arriveBack(SB), AX
done:
	MOVQ AX, ret+8(FP)
	RET
