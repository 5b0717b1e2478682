package abi

// Info is the machine and the hypervisor as a whole: CallInfo.
type Info struct {
	Header
	Release     [32]byte // version as text
	Build       [32]byte // build id as text
	CPUName     [48]byte // the processor's own name
	Generation  uint64   // restarts of the hypervisor since the machine started
	Resets      uint64   // microresets since the machine started
	CPUs        uint32   // processors running
	CPUsPresent uint32   // processors that the firmware lists
	Partitions  uint32   // partitions that exist
	Flags       uint32   // InfoX2APIC and so on
	TSCHz       uint64
	APICHz      uint64
	Now         uint64 // TSC at this call
	Start       uint64 // TSC at the hypervisor's first instruction
	RootStart   uint64 // TSC at root's first entry
	Features    uint64 // Feature bits in use
	VMXBasic    uint64 // IA32_VMX_BASIC
	EPTVPIDCap  uint64 // IA32_VMX_EPT_VPID_CAP
	Mem         Memory
	LogEnd      uint64 // position after the newest byte of the log
	LogSize     uint64 // bytes that the log ring keeps
	Mallocs     uint64 // heap objects allocated by the hypervisor since it started
	Collections uint64 // runs of its garbage collector
	GoldenRound uint64 // instructions of the last round to the golden image, 0 if there was none
	Rounds      uint64 // rounds to the golden image so far
	HeapUsed    uint64 // bytes of the hypervisor's heap in use or not yet collected
	HeapSize    uint64 // what it may grow to
	Owners      uint64 // checksum of who has which frame of memory and which page of kept state
}

// Memory is who has the machine's memory, in bytes.
type Memory struct {
	Total     uint64 // RAM that the firmware lists
	Root      uint64 // root's, identity-mapped
	Guests    uint64 // the other partitions'
	Free      uint64 // nobody's
	Kept      uint64 // frames for kept state
	KeptUsed  uint64
	Home      uint64 // the instance's home
	HomeUsed  uint64
	HomeStart uint64 // its host-physical address
	Image     uint64 // bytes of the image as loaded
}

// Flags of Info.
const (
	InfoX2APIC = 1 << 0 // the physical local APICs are in x2APIC mode
	InfoUEFI   = 1 << 1 // started by UEFI firmware
	InfoTSCHz  = 1 << 2 // CPUID tells the TSC's frequency; else it was measured
	InfoGolden = 1 << 3 // a golden image is taken
	InfoSpare  = 1 << 4 // a standby is ready
)

// Features of the processor's VT-x that are in use.
const (
	FeatEPT2M = 1 << iota
	FeatEPT1G
	FeatEPTAccessedDirty
	FeatVPID
	FeatUnrestricted
	FeatPreemptionTimer
	FeatPreemptionTimerSave
	FeatMSRBitmap
	FeatAckOnExit
	FeatXSAVES
	FeatINVPCID
	FeatRDTSCP
	FeatTSCOffset
	FeatPauseLoop
	FeatVirtualNMI
	FeatLoadPAT
	FeatLoadEFER
	FeatBusLock
	FeatNX
	FeatSMEP
	FeatSMAP
	FeatWaits   // waiting for a processor is measured
	NumFeatures = iota
)

var featureNames = [NumFeatures]string{
	"ept-2m", "ept-1g", "ept-ad", "vpid", "unrestricted-guest", "preemption-timer", "preemption-timer-save",
	"msr-bitmap", "ack-interrupt-on-exit", "xsaves", "invpcid", "rdtscp", "tsc-offset", "pause-loop",
	"virtual-nmi", "load-pat", "load-efer", "bus-lock-detection", "nx", "smep", "smap", "wait-times",
}

// FeatureNames lists the features set in bits.
func FeatureNames(bits uint64) []string {
	var names []string
	for i, n := range featureNames {
		if bits>>i&1 != 0 {
			names = append(names, n)
		}
	}
	return names
}

// Processor is one physical processor: CallProcessor.
type Processor struct {
	Header
	Index     uint32
	APICID    uint32
	Partition uint32 // whose VP runs here, NoPartition if none
	VP        uint32
	Now       uint64 // TSC at this call
	Idle      uint64 // TSC ticks spent with nothing to run
	Guest     uint64 // TSC ticks spent in guests
	Exits     uint64 // VM exits of all VPs here
	Trace     uint64 // sequence of the next trace entry
	IPIs      uint64 // kicks received
	Stray     uint64 // interrupts that nobody wanted
	NMIs      uint64
	Switches  uint64 // VPs taken on
	Stolen    uint64 // of these from another processor's queue
}

// NoPartition is the partition of a processor that runs none.
const NoPartition = 1<<32 - 1
