package x86

// MSR is the number of a model-specific register. SDM Vol. 4.
type MSR uint32

// The registers that the hypervisor itself uses, or answers for to a guest.
const (
	MSRP5MCAddr             MSR = 0x0
	MSRTSC                  MSR = 0x10
	MSRPlatformID           MSR = 0x17
	MSRAPICBase             MSR = 0x1b
	MSRFeatureControl       MSR = 0x3a
	MSRTSCAdjust            MSR = 0x3b
	MSRSpecCtrl             MSR = 0x48
	MSRPredCmd              MSR = 0x49
	MSRMicrocodeUpdate      MSR = 0x79
	MSRMicrocodeRevision    MSR = 0x8b
	MSRSMMMonitorCtl        MSR = 0x9b
	MSRMTRRCap              MSR = 0xfe
	MSRArchCapabilities     MSR = 0x10a
	MSRFlushCmd             MSR = 0x10b
	MSRTSXCtrl              MSR = 0x122
	MSRPlatformInfo         MSR = 0xce
	MSRMiscFeaturesEnables  MSR = 0x140
	MSRSysenterCS           MSR = 0x174
	MSRSysenterESP          MSR = 0x175
	MSRSysenterEIP          MSR = 0x176
	MSRMCGCap               MSR = 0x179
	MSRMCGStatus            MSR = 0x17a
	MSRMCGCtl               MSR = 0x17b
	MSRPerfStatus           MSR = 0x198
	MSRPerfCtl              MSR = 0x199
	MSRMiscEnable           MSR = 0x1a0
	MSRDebugCtl             MSR = 0x1d9
	MSRMTRRPhysBase0        MSR = 0x200
	MSRMTRRPhysMask0        MSR = 0x201
	MSRMTRRFix64K00000      MSR = 0x250
	MSRMTRRFix16K80000      MSR = 0x258
	MSRMTRRFix16KA0000      MSR = 0x259
	MSRMTRRFix4KC0000       MSR = 0x268
	MSRMTRRFix4KF8000       MSR = 0x26f
	MSRPAT                  MSR = 0x277
	MSRMTRRDefType          MSR = 0x2ff
	MSRPerfGlobalCtrl       MSR = 0x38f
	MSRMC0Ctl               MSR = 0x400
	MSRVMXBasic             MSR = 0x480
	MSRVMXPinbasedCtls      MSR = 0x481
	MSRVMXProcbasedCtls     MSR = 0x482
	MSRVMXExitCtls          MSR = 0x483
	MSRVMXEntryCtls         MSR = 0x484
	MSRVMXMisc              MSR = 0x485
	MSRVMXCR0Fixed0         MSR = 0x486
	MSRVMXCR0Fixed1         MSR = 0x487
	MSRVMXCR4Fixed0         MSR = 0x488
	MSRVMXCR4Fixed1         MSR = 0x489
	MSRVMXVMCSEnum          MSR = 0x48a
	MSRVMXProcbasedCtls2    MSR = 0x48b
	MSRVMXEPTVPIDCap        MSR = 0x48c
	MSRVMXTruePinbasedCtls  MSR = 0x48d
	MSRVMXTrueProcbasedCtls MSR = 0x48e
	MSRVMXTrueExitCtls      MSR = 0x48f
	MSRVMXTrueEntryCtls     MSR = 0x490
	MSRVMXVMFunc            MSR = 0x491
	MSRDSArea               MSR = 0x600
	MSRTSCDeadline          MSR = 0x6e0
	MSRX2APICFirst          MSR = 0x800
	MSRX2APICLast           MSR = 0x8ff
	MSRXSS                  MSR = 0xda0
	MSREFER                 MSR = 0xc0000080
	MSRSTAR                 MSR = 0xc0000081
	MSRLSTAR                MSR = 0xc0000082
	MSRCSTAR                MSR = 0xc0000083
	MSRFMASK                MSR = 0xc0000084
	MSRFSBase               MSR = 0xc0000100
	MSRGSBase               MSR = 0xc0000101
	MSRKernelGSBase         MSR = 0xc0000102
	MSRTSCAux               MSR = 0xc0000103
)

// Bits of IA32_FEATURE_CONTROL. SDM Vol. 3C, "Enabling and Entering VMX Operation".
const (
	FeatureControlLocked     = 1 << 0
	FeatureControlVMXOutside = 1 << 2 // VMXON outside SMX operation
)

// Bits of IA32_APIC_BASE. SDM Vol. 3A, "Local APIC Status and Location".
const (
	APICBaseBSP    = 1 << 8
	APICBaseX2APIC = 1 << 10
	APICBaseEnable = 1 << 11
)
