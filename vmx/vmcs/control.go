package vmcs

// Control fields. SDM Vol. 3C, "VM-Execution Control Fields" and the two after it.
const (
	VPID                    Field16 = 0x0000
	PostedVector            Field16 = 0x0002
	IOBitmapA               Field64 = 0x2000
	IOBitmapB               Field64 = 0x2002
	MSRBitmap               Field64 = 0x2004
	ExitMSRStore            Field64 = 0x2006
	ExitMSRLoad             Field64 = 0x2008
	EntryMSRLoad            Field64 = 0x200a
	ExecutiveVMCS           Field64 = 0x200c
	PMLAddress              Field64 = 0x200e
	TSCOffset               Field64 = 0x2010
	VirtualAPICAddress      Field64 = 0x2012
	APICAccessAddress       Field64 = 0x2014
	PostedDescriptor        Field64 = 0x2016
	VMFunctions             Field64 = 0x2018
	EPTPointer              Field64 = 0x201a
	EOIExitBitmap0          Field64 = 0x201c
	EOIExitBitmap1          Field64 = 0x201e
	EOIExitBitmap2          Field64 = 0x2020
	EOIExitBitmap3          Field64 = 0x2022
	VMREADBitmap            Field64 = 0x2026
	VMWRITEBitmap           Field64 = 0x2028
	XSSExitBitmap           Field64 = 0x202c
	ENCLSExitBitmap         Field64 = 0x202e
	TSCMultiplier           Field64 = 0x2032
	TertiaryControls        Field64 = 0x2034
	PinControls             Field32 = 0x4000
	PrimaryControls         Field32 = 0x4002
	ExceptionBitmap         Field32 = 0x4004
	PageFaultMask           Field32 = 0x4006
	PageFaultMatch          Field32 = 0x4008
	CR3TargetCount          Field32 = 0x400a
	ExitControls            Field32 = 0x400c
	ExitMSRStoreCount       Field32 = 0x400e
	ExitMSRLoadCount        Field32 = 0x4010
	EntryControls           Field32 = 0x4012
	EntryMSRLoadCount       Field32 = 0x4014
	EntryInterruptionInfo   Field32 = 0x4016
	EntryExceptionErrorCode Field32 = 0x4018
	EntryInstructionLength  Field32 = 0x401a
	TPRThreshold            Field32 = 0x401c
	SecondaryControls       Field32 = 0x401e
	PLEGap                  Field32 = 0x4020
	PLEWindow               Field32 = 0x4022

	CR0Mask   FieldNat = 0x6000
	CR4Mask   FieldNat = 0x6002
	CR0Shadow FieldNat = 0x6004
	CR4Shadow FieldNat = 0x6006
)

// Bits of PinControls.
const (
	PinExternal   = 1 << 0
	PinNMI        = 1 << 3
	PinVirtualNMI = 1 << 5
	PinTimer      = 1 << 6
	PinPosted     = 1 << 7
)

// Bits of PrimaryControls.
const (
	PrimInterruptWindow = 1 << 2
	PrimTSCOffset       = 1 << 3
	PrimHLT             = 1 << 7
	PrimINVLPG          = 1 << 9
	PrimMWAIT           = 1 << 10
	PrimRDPMC           = 1 << 11
	PrimRDTSC           = 1 << 12
	PrimCR3Load         = 1 << 15
	PrimCR3Store        = 1 << 16
	PrimTertiary        = 1 << 17
	PrimCR8Load         = 1 << 19
	PrimCR8Store        = 1 << 20
	PrimTPRShadow       = 1 << 21
	PrimNMIWindow       = 1 << 22
	PrimMovDR           = 1 << 23
	PrimAllIO           = 1 << 24
	PrimIOBitmaps       = 1 << 25
	PrimMonitorTrap     = 1 << 27
	PrimMSRBitmap       = 1 << 28
	PrimMONITOR         = 1 << 29
	PrimPAUSE           = 1 << 30
	PrimSecondary       = 1 << 31
)

// Bits of SecondaryControls, the secondary processor-based controls.
const (
	SecAPICAccess   = 1 << 0
	SecEPT          = 1 << 1
	SecDescriptor   = 1 << 2
	SecRDTSCP       = 1 << 3
	SecX2APICMode   = 1 << 4
	SecVPID         = 1 << 5
	SecWBINVD       = 1 << 6
	SecUnrestricted = 1 << 7
	SecAPICRegister = 1 << 8
	SecVirtualIntr  = 1 << 9
	SecPAUSELoop    = 1 << 10
	SecRDRAND       = 1 << 11
	SecINVPCID      = 1 << 12
	SecVMFUNC       = 1 << 13
	SecShadowVMCS   = 1 << 14
	SecENCLS        = 1 << 15
	SecRDSEED       = 1 << 16
	SecPML          = 1 << 17
	SecEPTVE        = 1 << 18
	SecConcealPT    = 1 << 19
	SecXSAVES       = 1 << 20
	SecModeExecute  = 1 << 22
	SecTSCScaling   = 1 << 25
	SecUserWait     = 1 << 26 // TPAUSE, UMONITOR, UMWAIT
	SecBusLock      = 1 << 30
)

// Bits of ExitControls.
const (
	ExitSaveDebug   = 1 << 2
	ExitHost64      = 1 << 9
	ExitPerfCtrl    = 1 << 12
	ExitAckIntr     = 1 << 15
	ExitSavePAT     = 1 << 18
	ExitLoadPAT     = 1 << 19
	ExitSaveEFER    = 1 << 20
	ExitLoadEFER    = 1 << 21
	ExitSaveTimer   = 1 << 22
	ExitClearBNDCFG = 1 << 23
	ExitConcealPT   = 1 << 24
	ExitLoadCET     = 1 << 28
)

// Bits of EntryControls.
const (
	EntryLoadDebug  = 1 << 2
	EntryIA32e      = 1 << 9
	EntrySMM        = 1 << 10
	EntryDualMon    = 1 << 11
	EntryPerfCtrl   = 1 << 13
	EntryLoadPAT    = 1 << 14
	EntryLoadEFER   = 1 << 15
	EntryLoadBNDCFG = 1 << 16
	EntryConcealPT  = 1 << 17
	EntryLoadCET    = 1 << 20
)
