package abi

// Config is what a guest partition is made from: CallCreate. Reserved fields and
// what lies behind Nets and Disks are zero.
type Config struct {
	Header
	Token    uint64   // a number of the caller's choice: the same call made twice creates one partition
	Name     [32]byte // 1 to 31 of a-z A-Z 0-9 - _ ., and unlike every other partition's
	Memory   uint64   // bytes, whole MiB
	VPs      uint32   // 1 to MaxGuestVPs
	Weight   uint32   // its share of processors that are wanted by several: 1 to MaxWeight, 0: DefaultWeight
	CPUs     uint64   // bit n: may run on processor n; 0: on any
	Platform Platform
	Flags    uint32 // Config… bits
	Seed     [32]byte
	Nets     uint32 // how many of Net count
	Disks    uint32 // how many of Disk count
	Net      [MaxNets]NetConfig
	Disk     [MaxDisks]DiskConfig
}

// Flags of a Config.
const (
	ConfigConsole = 1 << 0 // it has a virtio console beside its serial port
	ConfigEntropy = 1 << 1 // it has a virtio source of entropy
)

// Platform says what a guest finds.
type Platform uint32

// Platforms.
const (
	PlatformMinimal Platform = iota // local APICs, an I/O APIC, a 16550, ACPI, virtio
	PlatformPC                      // and the two 8259s and the 8254 that old kernels expect
)

// NetConfig is one network card.
type NetConfig struct {
	MAC   uint64 // its 6 bytes, the first one lowest; 0: chosen
	Group uint32 // cards of one group reach each other; root's is in group 0
	MTU   uint32 // MinMTU to MaxMTU, 0: 1500
}

// DiskConfig is one disk.
type DiskConfig struct {
	Kind     DiskKind
	Flags    uint32 // DiskReadOnly
	Capacity uint64 // bytes, a multiple of 512
	Serial   [24]byte
}

// DiskKind says where a disk's bytes are.
type DiskKind uint32

// Kinds of disks.
const (
	DiskNone DiskKind = iota
	DiskRAM           // in memory that is given back when the partition is destroyed
	DiskFile          // with a process of root's, which serves it through a ring
)

// DiskReadOnly is a flag of a disk.
const DiskReadOnly = 1 << 0

// Limits of a Config.
const (
	MaxGuestVPs   = 8
	MaxNets       = 2
	MaxDisks      = 4
	MaxWeight     = 10000
	DefaultWeight = 100
	RootWeight    = 400
	MinMemory     = 1 << 20
)

// Op is what CallControl does to a guest. Each is done when the partition's
// state says so; asking for what is so already changes nothing.
type Op uint64

// Operations.
const (
	_         Op = iota
	OpStart      // created → running: its VP 0 begins as CallEntry said
	OpPause      // running → paused
	OpResume     // paused → running
	OpButton     // presses the ACPI power button
	OpDestroy    // from any state: everything is given back
	OpReset      // off, stopped or created → created: memory cleared, devices reset, ready to be loaded
	OpStop       // running, paused → off, at once
	numOps
)

// String returns the operation's name.
func (o Op) String() string {
	names := [numOps]string{"?", "start", "pause", "resume", "button", "destroy", "reset", "stop"}
	if o >= numOps {
		return "?"
	}
	return names[o]
}

// Property is what CallSet changes.
type Property uint64

// Properties.
const (
	_         Property = iota
	SetWeight          // as Config.Weight
	SetCPUs            // as Config.CPUs
)

// MTUs that a network card may have.
const (
	MinMTU = 68   // RFC 791
	MaxMTU = 9000 // which fits into one buffer of every driver
)

// MaxLoad is the most bytes that one CallLoad moves.
const MaxLoad = 1 << 20

// Entry is how VP 0 of a guest begins: CallEntry. Registers that are not named
// are 0, interrupts are off.
type Entry struct {
	Header
	Mode     EntryMode
	GDTLimit uint32
	RIP      uint64
	RSP      uint64
	RAX      uint64
	RBX      uint64
	RSI      uint64
	CR3      uint64 // EntryLong
	GDT      uint64 // linear address of the descriptor table
	CS, DS   uint32 // selectors in it
}

// EntryMode is the mode that VP 0 begins in.
type EntryMode uint32

// Modes.
const (
	_         EntryMode = iota
	EntryLong           // 64-bit mode, paging by CR3: Linux' 64-bit boot protocol
	EntryFlat           // 32-bit protected mode without paging, flat segments: PVH and multiboot
)

// Registers are a VP's state: CallDump.
type Registers struct {
	Header
	Partition, VP    uint32
	State            State
	CPU              uint32
	Now              uint64 // TSC when they were read
	General          [16]uint64
	RIP, RFLAGS      uint64
	CR0, CR2, CR3    uint64
	CR4, EFER, XCR0  uint64
	Segment          [8]Segment // ES CS SS DS FS GS LDTR TR
	GDTR, IDTR       Table
	Activity         uint64
	Interruptibility uint64
	PendingDebug     uint64
	Pin, Primary     uint32 // VMX controls
	Secondary        uint32
	Exit, EntryCtl   uint32
	Exceptions       uint32
	EntryInfo        uint32 // event that is being injected
	Vectoring        uint32 // event whose delivery the last exit interrupted
	Reason           uint32 // of the last exit
	InsnLength       uint32
	Qualification    uint64
	GuestPhysical    uint64
	GuestLinear      uint64
	APICBase         uint64
	Deadline         uint64 // of its timer, 0: not armed
	TPR, PPR         uint32
	IRR, ISR         [4]uint64 // pending and in-service vectors
	Events           uint64    // what is to be looked at before it runs
}

// Segment is one segment register.
type Segment struct {
	Base     uint64
	Limit    uint32
	Access   uint32 // as the VMCS has it
	Selector uint32
	_        uint32
}

// Table is a descriptor-table register.
type Table struct{ Base, Limit uint64 }

// Walk is the translation of a linear address as a VP would make it, and that
// of the guest-physical address that it leads to: CallWalk.
type Walk struct {
	Header
	Linear    uint64
	Levels    uint32 // of the guest's tables that were read
	Present   uint32 // 1: the guest maps it
	Entry     [5]uint64
	Slot      [5]uint64 // guest-physical address of each entry
	Physical  uint64    // guest-physical, if Present
	EPTLevel  uint32    // 0: 4 KiB page, 1: 2 MiB, 2: 1 GiB
	EPTMapped uint32    // 1: there is memory
	EPTEntry  uint64
	Host      uint64 // host-physical, if EPTMapped
}

// NetPort is what a port of the network switch has done: CallPort.
type NetPort struct {
	Header
	Partition, Index uint32
	MAC              uint64
	Group, MTU       uint32
	Up               uint32 // 1: its driver is ready
	_                uint32
	TxFrames         uint64 // that the partition sent
	TxBytes          uint64
	RxFrames         uint64 // that it received
	RxBytes          uint64
	TxBad            uint64 // refused: malformed
	TxUnknown        uint64 // sent to nobody there
	RxFull           uint64 // had to wait for a receive buffer
	RxDropped        uint64 // given up after the wait
	Learned          uint64 // MAC addresses behind it
}

// DiskInfo is a disk of a guest's: CallDisk.
type DiskInfo struct {
	Header
	Partition, Index uint32
	Kind             DiskKind
	Flags            uint32
	Capacity         uint64
	Ring             uint64 // root-physical address of the ring of a DiskFile; see Ring
	RingSize         uint64
	Reads, Writes    uint64
	Flushes, Errors  uint64
	Moved            uint64 // bytes
	InFlight         uint64
	Serial           [24]byte
}
