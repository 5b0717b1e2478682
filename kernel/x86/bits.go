package x86

// Bits of CR0. SDM Vol. 3A, "Control Registers".
const (
	CR0PE = 1 << 0
	CR0MP = 1 << 1
	CR0EM = 1 << 2
	CR0TS = 1 << 3
	CR0ET = 1 << 4
	CR0NE = 1 << 5
	CR0WP = 1 << 16
	CR0AM = 1 << 18
	CR0NW = 1 << 29
	CR0CD = 1 << 30
	CR0PG = 1 << 31
)

// Bits of CR4.
const (
	CR4VME        = 1 << 0
	CR4PVI        = 1 << 1
	CR4TSD        = 1 << 2
	CR4DE         = 1 << 3
	CR4PSE        = 1 << 4
	CR4PAE        = 1 << 5
	CR4MCE        = 1 << 6
	CR4PGE        = 1 << 7
	CR4PCE        = 1 << 8
	CR4OSFXSR     = 1 << 9
	CR4OSXMMEXCPT = 1 << 10
	CR4UMIP       = 1 << 11
	CR4LA57       = 1 << 12
	CR4VMXE       = 1 << 13
	CR4SMXE       = 1 << 14
	CR4FSGSBASE   = 1 << 16
	CR4PCIDE      = 1 << 17
	CR4OSXSAVE    = 1 << 18
	CR4KL         = 1 << 19
	CR4SMEP       = 1 << 20
	CR4SMAP       = 1 << 21
	CR4PKE        = 1 << 22
	CR4CET        = 1 << 23
	CR4PKS        = 1 << 24
)

// Bits of IA32_EFER.
const (
	EFERSCE = 1 << 0
	EFERLME = 1 << 8
	EFERLMA = 1 << 10
	EFERNXE = 1 << 11
)

// Bits of RFLAGS. SDM Vol. 1, "EFLAGS Register".
const (
	RFLAGSCF    = 1 << 0
	RFLAGSOne   = 1 << 1 // always set
	RFLAGSZF    = 1 << 6
	RFLAGSTF    = 1 << 8
	RFLAGSIF    = 1 << 9
	RFLAGSDF    = 1 << 10
	RFLAGSNT    = 1 << 14
	RFLAGSRF    = 1 << 16
	RFLAGSVM    = 1 << 17
	RFLAGSAC    = 1 << 18
	RFLAGSVIF   = 1 << 19
	RFLAGSVIP   = 1 << 20
	RFLAGSID    = 1 << 21
	RFLAGSArith = RFLAGSCF | 1<<2 | 1<<4 | RFLAGSZF | 1<<7 | 1<<11 // the six status flags
)

// Bits of DR6 and DR7. SDM Vol. 3B, "Debug Registers".
const (
	DR6Init = 0xffff0ff0
	DR6BD   = 1 << 13
	DR6BS   = 1 << 14
	DR7Init = 0x400
	DR7GD   = 1 << 13
)

// Components of XCR0. SDM Vol. 1, "XSAVE-Supported Features and State-Component Bitmaps".
const (
	XCR0X87    = 1 << 0
	XCR0SSE    = 1 << 1
	XCR0AVX    = 1 << 2
	XCR0BND    = 3 << 3
	XCR0AVX512 = 7 << 5
	XCR0PKRU   = 1 << 9
	XCR0AMX    = 3 << 17
)

// Exception vectors. SDM Vol. 3A, "Exceptions and Interrupts".
const (
	VectorDE  = 0
	VectorDB  = 1
	VectorNMI = 2
	VectorBP  = 3
	VectorOF  = 4
	VectorBR  = 5
	VectorUD  = 6
	VectorNM  = 7
	VectorDF  = 8
	VectorTS  = 10
	VectorNP  = 11
	VectorSS  = 12
	VectorGP  = 13
	VectorPF  = 14
	VectorMF  = 16
	VectorAC  = 17
	VectorMC  = 18
	VectorXM  = 19
	VectorVE  = 20
	VectorCP  = 21
)

// Memory types, as MTRRs, PAT and EPT number them. SDM Vol. 3A, "Methods of Caching Available".
const (
	MemoryUC  = 0
	MemoryWC  = 1
	MemoryWT  = 4
	MemoryWP  = 5
	MemoryWB  = 6
	MemoryUCm = 7 // PAT only: UC-
)
