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

// Keeps SSE and x87 state under a frame at SP, in a stack that has the room, and
// passes both to a Go function: the frame in its first argument, the state in its
// second; R12 is the frame.

#define KEEPFPU \
	MOVQ SP, R12 \
	SUBQ $640, SP \
	ANDQ $~63, SP \
	FXSAVE64 64(SP) \
	XORPS X15, X15 \
	MOVQ R12, 0(SP) \
	LEAQ 64(SP), AX \
	MOVQ AX, 8(SP)

// Makes a place for a goroutine at FS:-8 that is nil, in a processor's block: the
// thread's may be damaged, or there is none. Clobbers AX, CX, DX.

#define NOGOROUTINE(block) \
	LEAQ 2048(block), AX \
	MOVQ AX, DX \
	SHRQ $32, DX \
	MOVL $0xc0000100, CX \
	WRMSR \
	XORPS X15, X15
