package vmcs

// Reason is a basic exit reason, bits 15:0 of ExitReason; one that has no name
// here is still a Reason. SDM Vol. 3C, appendix "VMX Basic Exit Reasons".
type Reason uint16

// Basic exit reasons.
const (
	ReasonException         Reason = 0 // or NMI
	ReasonExternalInterrupt Reason = 1
	ReasonTripleFault       Reason = 2
	ReasonINIT              Reason = 3
	ReasonSIPI              Reason = 4
	ReasonIOSMI             Reason = 5
	ReasonOtherSMI          Reason = 6
	ReasonInterruptWindow   Reason = 7
	ReasonNMIWindow         Reason = 8
	ReasonTaskSwitch        Reason = 9
	ReasonCPUID             Reason = 10
	ReasonGETSEC            Reason = 11
	ReasonHLT               Reason = 12
	ReasonINVD              Reason = 13
	ReasonINVLPG            Reason = 14
	ReasonRDPMC             Reason = 15
	ReasonRDTSC             Reason = 16
	ReasonRSM               Reason = 17
	ReasonVMCALL            Reason = 18
	ReasonVMCLEAR           Reason = 19
	ReasonVMLAUNCH          Reason = 20
	ReasonVMPTRLD           Reason = 21
	ReasonVMPTRST           Reason = 22
	ReasonVMREAD            Reason = 23
	ReasonVMRESUME          Reason = 24
	ReasonVMWRITE           Reason = 25
	ReasonVMXOFF            Reason = 26
	ReasonVMXON             Reason = 27
	ReasonCR                Reason = 28
	ReasonDR                Reason = 29
	ReasonIO                Reason = 30
	ReasonRDMSR             Reason = 31
	ReasonWRMSR             Reason = 32
	ReasonGuestState        Reason = 33
	ReasonMSRLoad           Reason = 34
	ReasonMWAIT             Reason = 36
	ReasonMonitorTrap       Reason = 37
	ReasonMONITOR           Reason = 39
	ReasonPAUSE             Reason = 40
	ReasonMachineCheck      Reason = 41
	ReasonTPRThreshold      Reason = 43
	ReasonAPICAccess        Reason = 44
	ReasonVirtualEOI        Reason = 45
	ReasonGDTRIDTR          Reason = 46
	ReasonLDTRTR            Reason = 47
	ReasonEPTViolation      Reason = 48
	ReasonEPTMisconfigured  Reason = 49
	ReasonINVEPT            Reason = 50
	ReasonRDTSCP            Reason = 51
	ReasonPreemptionTimer   Reason = 52 // the VMX preemption timer
	ReasonINVVPID           Reason = 53
	ReasonWBINVD            Reason = 54
	ReasonXSETBV            Reason = 55
	ReasonAPICWrite         Reason = 56
	ReasonRDRAND            Reason = 57
	ReasonINVPCID           Reason = 58
	ReasonVMFUNC            Reason = 59
	ReasonENCLS             Reason = 60
	ReasonRDSEED            Reason = 61
	ReasonPMLFull           Reason = 62
	ReasonXSAVES            Reason = 63
	ReasonXRSTORS           Reason = 64
	ReasonPCONFIG           Reason = 65
	ReasonSPP               Reason = 66
	ReasonUMWAIT            Reason = 67
	ReasonTPAUSE            Reason = 68
	ReasonLOADIWKEY         Reason = 69
	ReasonENCLV             Reason = 70
	ReasonBusLock           Reason = 74
	ReasonInstrTimeout      Reason = 75

	NumReasons = 80 // room for a table by reason
)

// Bits of ExitReason above the basic reason.
const (
	ExitEnclave     = 1 << 27
	ExitEntryFailed = 1 << 31
)

var reasonNames = [NumReasons]string{
	ReasonException: "exception or NMI", ReasonExternalInterrupt: "external interrupt", ReasonTripleFault: "triple fault",
	ReasonINIT: "INIT", ReasonSIPI: "SIPI", ReasonIOSMI: "I/O SMI", ReasonOtherSMI: "SMI",
	ReasonInterruptWindow: "interrupt window", ReasonNMIWindow: "NMI window", ReasonTaskSwitch: "task switch",
	ReasonCPUID: "CPUID", ReasonGETSEC: "GETSEC", ReasonHLT: "HLT", ReasonINVD: "INVD", ReasonINVLPG: "INVLPG",
	ReasonRDPMC: "RDPMC", ReasonRDTSC: "RDTSC", ReasonRSM: "RSM", ReasonVMCALL: "VMCALL", ReasonVMCLEAR: "VMCLEAR",
	ReasonVMLAUNCH: "VMLAUNCH", ReasonVMPTRLD: "VMPTRLD", ReasonVMPTRST: "VMPTRST", ReasonVMREAD: "VMREAD",
	ReasonVMRESUME: "VMRESUME", ReasonVMWRITE: "VMWRITE", ReasonVMXOFF: "VMXOFF", ReasonVMXON: "VMXON",
	ReasonCR: "control register", ReasonDR: "debug register", ReasonIO: "I/O", ReasonRDMSR: "RDMSR",
	ReasonWRMSR: "WRMSR", ReasonGuestState: "entry failed: guest state", ReasonMSRLoad: "entry failed: MSR list",
	ReasonMWAIT: "MWAIT", ReasonMonitorTrap: "monitor trap", ReasonMONITOR: "MONITOR", ReasonPAUSE: "PAUSE",
	ReasonMachineCheck: "entry failed: machine check", ReasonTPRThreshold: "TPR threshold", ReasonAPICAccess: "APIC access",
	ReasonVirtualEOI: "virtual EOI", ReasonGDTRIDTR: "GDTR or IDTR", ReasonLDTRTR: "LDTR or TR", ReasonEPTViolation: "EPT violation",
	ReasonEPTMisconfigured: "EPT misconfiguration", ReasonINVEPT: "INVEPT", ReasonRDTSCP: "RDTSCP", ReasonPreemptionTimer: "preemption timer",
	ReasonINVVPID: "INVVPID", ReasonWBINVD: "WBINVD", ReasonXSETBV: "XSETBV", ReasonAPICWrite: "APIC write", ReasonRDRAND: "RDRAND",
	ReasonINVPCID: "INVPCID", ReasonVMFUNC: "VMFUNC", ReasonENCLS: "ENCLS", ReasonRDSEED: "RDSEED", ReasonPMLFull: "page log full",
	ReasonXSAVES: "XSAVES", ReasonXRSTORS: "XRSTORS", ReasonPCONFIG: "PCONFIG", ReasonSPP: "sub-page permission", ReasonUMWAIT: "UMWAIT",
	ReasonTPAUSE: "TPAUSE", ReasonLOADIWKEY: "LOADIWKEY", ReasonENCLV: "ENCLV", ReasonBusLock: "bus lock", ReasonInstrTimeout: "instruction timeout",
}

// String names r in the manual's words.
func (r Reason) String() string {
	if int(r) < len(reasonNames) && reasonNames[r] != "" {
		return reasonNames[r]
	}
	return "unknown exit reason"
}
