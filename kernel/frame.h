// The general registers of a personality.Frame, in its order.

#define PUSHREGS \
	PUSHQ AX \
	PUSHQ BX \
	PUSHQ CX \
	PUSHQ DX \
	PUSHQ SI \
	PUSHQ DI \
	PUSHQ BP \
	PUSHQ R8 \
	PUSHQ R9 \
	PUSHQ R10 \
	PUSHQ R11 \
	PUSHQ R12 \
	PUSHQ R13 \
	PUSHQ R14 \
	PUSHQ R15

#define POPREGS \
	POPQ R15 \
	POPQ R14 \
	POPQ R13 \
	POPQ R12 \
	POPQ R11 \
	POPQ R10 \
	POPQ R9 \
	POPQ R8 \
	POPQ BP \
	POPQ DI \
	POPQ SI \
	POPQ DX \
	POPQ CX \
	POPQ BX \
	POPQ AX
