#include "textflag.h"

// func ReadCR0() uint64
// Out: CR0. Clobbers: AX. Needs: CPL 0.
TEXT ·ReadCR0(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ CR0, AX
	MOVQ AX, ret+0(FP)
	RET

// func WriteCR0(v uint64)
// In: v. Clobbers: AX. Needs: CPL 0.
TEXT ·WriteCR0(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ v+0(FP), AX
	MOVQ AX, CR0
	RET

// func ReadCR2() uint64
// Out: CR2. Clobbers: AX. Needs: CPL 0.
TEXT ·ReadCR2(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ CR2, AX
	MOVQ AX, ret+0(FP)
	RET

// func WriteCR2(v uint64)
// In: v. Clobbers: AX. Needs: CPL 0.
TEXT ·WriteCR2(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ v+0(FP), AX
	MOVQ AX, CR2
	RET

// func ReadCR3() uint64
// Out: CR3. Clobbers: AX. Needs: CPL 0.
TEXT ·ReadCR3(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ CR3, AX
	MOVQ AX, ret+0(FP)
	RET

// func WriteCR3(v uint64)
// In: v. Clobbers: AX. Needs: CPL 0.
TEXT ·WriteCR3(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ v+0(FP), AX
	MOVQ AX, CR3
	RET

// func ReadCR4() uint64
// Out: CR4. Clobbers: AX. Needs: CPL 0.
TEXT ·ReadCR4(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ CR4, AX
	MOVQ AX, ret+0(FP)
	RET

// func WriteCR4(v uint64)
// In: v. Clobbers: AX. Needs: CPL 0.
TEXT ·WriteCR4(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ v+0(FP), AX
	MOVQ AX, CR4
	RET

// func ReadCR8() uint64
// Out: CR8. Clobbers: AX. Needs: CPL 0.
TEXT ·ReadCR8(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ CR8, AX
	MOVQ AX, ret+0(FP)
	RET

// func WriteCR8(v uint64)
// In: v. Clobbers: AX. Needs: CPL 0.
TEXT ·WriteCR8(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ v+0(FP), AX
	MOVQ AX, CR8
	RET

// func ReadDR6() uint64
// Out: DR6. Clobbers: AX. Needs: CPL 0.
TEXT ·ReadDR6(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ DR6, AX
	MOVQ AX, ret+0(FP)
	RET

// func WriteDR6(v uint64)
// In: v. Clobbers: AX. Needs: CPL 0.
TEXT ·WriteDR6(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ v+0(FP), AX
	MOVQ AX, DR6
	RET

// func ReadDR7() uint64
// Out: DR7. Clobbers: AX. Needs: CPL 0.
TEXT ·ReadDR7(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ DR7, AX
	MOVQ AX, ret+0(FP)
	RET

// func WriteDR7(v uint64)
// In: v. Clobbers: AX. Needs: CPL 0.
TEXT ·WriteDR7(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ v+0(FP), AX
	MOVQ AX, DR7
	RET

// func DR0to3() (d0, d1, d2, d3 uint64)
// Out: DR0 to DR3. Clobbers: AX. Needs: CPL 0.
TEXT ·DR0to3(SB), NOSPLIT|NOFRAME, $0-32
	MOVQ DR0, AX
	MOVQ AX, d0+0(FP)
	BYTE $0x0f; BYTE $0x21; BYTE $0xc8 // mov %db1, %rax: DR1
	MOVQ AX, d1+8(FP)
	MOVQ DR2, AX
	MOVQ AX, d2+16(FP)
	MOVQ DR3, AX
	MOVQ AX, d3+24(FP)
	RET

// func SetDR0to3(d0, d1, d2, d3 uint64)
// In: d0 to d3. Clobbers: AX. Needs: CPL 0.
TEXT ·SetDR0to3(SB), NOSPLIT|NOFRAME, $0-32
	MOVQ d0+0(FP), AX
	MOVQ AX, DR0
	MOVQ d1+8(FP), AX
	BYTE $0x0f; BYTE $0x23; BYTE $0xc8 // mov %rax, %db1: DR1
	MOVQ d2+16(FP), AX
	MOVQ AX, DR2
	MOVQ d3+24(FP), AX
	MOVQ AX, DR3
	RET
