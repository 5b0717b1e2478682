package vmcs

// Host state. SDM Vol. 3C, "Host-State Area".
const (
	HostESSelector Field16 = 0x0c00
	HostCSSelector Field16 = 0x0c02
	HostSSSelector Field16 = 0x0c04
	HostDSSelector Field16 = 0x0c06
	HostFSSelector Field16 = 0x0c08
	HostGSSelector Field16 = 0x0c0a
	HostTRSelector Field16 = 0x0c0c

	HostPAT            Field64 = 0x2c00
	HostEFER           Field64 = 0x2c02
	HostPerfGlobalCtrl Field64 = 0x2c04

	HostSysenterCS Field32 = 0x4c00

	HostCR0         FieldNat = 0x6c00
	HostCR3         FieldNat = 0x6c02
	HostCR4         FieldNat = 0x6c04
	HostFSBase      FieldNat = 0x6c06
	HostGSBase      FieldNat = 0x6c08
	HostTRBase      FieldNat = 0x6c0a
	HostGDTRBase    FieldNat = 0x6c0c
	HostIDTRBase    FieldNat = 0x6c0e
	HostSysenterESP FieldNat = 0x6c10
	HostSysenterEIP FieldNat = 0x6c12
	HostRSP         FieldNat = 0x6c14
	HostRIP         FieldNat = 0x6c16
)

// What an exit leaves for reading. SDM Vol. 3C, "VM-Exit Information Fields".
const (
	GuestPhysicalAddress      Field64  = 0x2400
	InstructionError          Field32  = 0x4400
	ExitReason                Field32  = 0x4402
	ExitInterruptionInfo      Field32  = 0x4404
	ExitInterruptionErrorCode Field32  = 0x4406
	IDTVectoringInfo          Field32  = 0x4408
	IDTVectoringErrorCode     Field32  = 0x440a
	ExitInstructionLength     Field32  = 0x440c
	ExitInstructionInfo       Field32  = 0x440e
	ExitQualification         FieldNat = 0x6400
	IORCX                     FieldNat = 0x6402
	IORSI                     FieldNat = 0x6404
	IORDI                     FieldNat = 0x6406
	IORIP                     FieldNat = 0x6408
	GuestLinearAddress        FieldNat = 0x640a
)
