package partition

import (
	"perdure/boot"
	"perdure/kernel/apic"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/partition/abi"
	"perdure/partition/net"
)

// Work for control goroutines, bits of Host.Work. A bit is set by whoever finds
// the work and cleared by the control goroutine before it looks for it.
const (
	WorkDecode  uint64 = 1 << iota // VPs wait with VPDecode
	WorkCall                       // VPs wait with VPCall
	WorkReport                     // a partition stopped
	WorkBoot                       // root is to be built
	WorkInput                      // the hypervisor's console has input
	WorkLife                       // a partition has a job
	WorkRestart                    // a hot restart goes on, or is to be looked at
	WorkRepair                     // a reset has left a set of pages that is not pristine
	WorkScrub                      // the scrubber is to look at a piece
)

// Host is what there is once: a kept record.
type Host struct {
	VPs      uint64 // VPs in use are below this index
	CPUs     uint64 // processors that run a dispatcher
	Work     uint64 // Work bits
	Tick     uint64 // TSC value of the next tick, when the console is looked after
	TickLen  uint64 // TSC ticks
	SliceLen uint64 // TSC ticks of a time slice
	WatchLen uint64 // TSC ticks between two looks at another processor, 0: nobody looks
	EarlyMax uint64 // TSC ticks that a timer is set early at most: above what waking takes, or none is
	VTime    uint64 // virtual time of the processors that several VPs want; see share.go
	Idle     uint64 // processors with nothing to do, by index

	TSCHz    uint64
	TSCRatio uint64 // TSC ticks per tick of the crystal that partitions are told of
	Start    uint64 // TSC at our first instruction
	RootTSC  uint64 // TSC at root's first entry
	Epoch    uint64 // time at TSC 0 in seconds since 1970 by the machine's clock when we were started

	ConsoleGSI    uint64 // interrupt line of the console's UART, never: none
	NMILine       uint64 `kept:"default=0"` // 1 + interrupt line of the clock whose beats are NMIs, 0: there is none
	XCR0          uint64 // extended state that partitions may use
	CR4Allowed    uint64 // bits of CR4 that they may set
	MiscEnable    uint64 // IA32_MISC_ENABLE as they see it
	Microcode     uint64
	PlatformID    uint64
	MachineChecks uint64
	PM1a, PM1b    uint64 // ports of the PM1 control registers, 0: none
	ResetPort     uint64 // ACPI reset register in I/O space, 0: none
	ResetValue    uint64

	Version    uint64 // as abi.PackVersion
	Build      uint64 // low 32 bits of the build id
	Generation uint64 // restarts of the hypervisor
	Resets     uint64 // microresets
	FlushGen   uint64 // raised when translations of memory that was given back may be left in processors
	Instance   uint64 // generation of host state: raised whenever CR3 or the descriptor tables change

	APIC    apic.Facts    // what a next instance need not find out
	Line    console.Facts // the same
	Key     [32]byte      `kept:"drop"` // of those who may sign images; zero: the one that is built in
	Info    abi.Info      // what CallInfo answers, apart from what changes
	Check   Check         // the last self check
	Dump    Dump          // the last look at a VP
	Restart Restart       // the hot restart under way, or the last one
	Standby Standby       `kept:"drop"`
	Boot    BootOrder     // what root is built from

	Recovery Recovery // from failures of ours
	Identity uint64   // checksum of what does not change
	Damage   Damage   // found in records

	Inject [boot.MaxInject]Inject // faults to be made, in an image that can
}

// processors is the set of those that run partitions.
func (h *Host) processors() (all uint64) {
	for i := range h.CPUs {
		all |= b2u(tab.CPUs[i].Online == 1) << i
	}
	return all
}

// tables leads to kept state; the pointers are derived from the root
// page of kept state and can be found again at any time.
type tables struct {
	Host       *Host
	Partitions *[MaxPartitions]Partition
	VPs        *[MaxVPs]VP
	CPUs       *[MaxCPUs]CPU
	Console    *console.State
	Switch     *net.Switch
	Areas      *[MaxVPs]x86.XArea // extended state while another VP has the processor
}

var tab tables
