// Package partition runs virtual machines.
//
// The one idea: a partition is data. Its exits are answered by a table, its
// facts are kept records, and a dispatcher that knows nothing but those records
// can go on from them at any time.
package partition

import (
	"perdure/partition/abi"
	"perdure/partition/blk"
	"perdure/partition/cmos"
	"perdure/partition/ioapic"
	"perdure/partition/pic"
	"perdure/partition/pit"
	"perdure/partition/pm"
	"perdure/partition/ram"
	"perdure/partition/rng"
	"perdure/partition/serial"
	"perdure/partition/vcon"
	"perdure/partition/virtio"
)

// Limits of the kept tables. A request beyond them is refused.
const (
	MaxPartitions = 16
	MaxVPs        = 64 // of all partitions together
	MaxCPUs       = 32
)

// Kind says what a partition may do.
type Kind uint64

const (
	Root    Kind = iota + 1 // owns the devices, manages the others
	Guest                   // created by root
	Service                 // where the next instance of the hypervisor boots
)

// Partition is one virtual machine: a kept record.
//
// At rest: Lock is 0, and every VP from FirstVP on, VPs in number, belongs to it.
type Partition struct {
	State   State `kept:"use"`
	Kind    Kind
	ID      uint64 // its index in the table
	Name    [32]byte
	FirstVP uint64 // index of its VP 0 in the table of VPs
	VPs     uint64

	RAM      ram.RAM
	MSRBits  uint64 // HPA of the MSR bitmap
	IOBits   uint64 // HPA of the two I/O bitmaps, 8 KiB
	Memory   uint64 // bytes that it owns
	Why      uint64 // stop reason
	WhyVP    uint64 // VP that stopped it
	WhyExit  uint64 // exit reason then
	WhyRIP   uint64
	WhyQual  uint64
	Reported uint64 // 1: the log has it
	Lock     uint64 // guards the shared devices; held only between a handler's start and its commit
	Created  uint64 // TSC
	Identity uint64 // checksum of what does not change

	Hold    uint64 // Hold bits: its VPs are not run
	Weight  uint64 // its share of processors that are wanted by several
	Allowed uint64 // bit n: it may run on processor n

	Config  abi.Config // what a guest was asked to be
	Entry   Entry      // how its VP 0 begins
	Loaded  uint64     // 1: Entry is there
	Started uint64     // TSC
	Halts   uint64     // times that it ended: power-offs, resets, stops
	Errno   int64      // why its creation failed, an abi.Errno

	Job     Job    // what is under way with it
	Step    uint64 // steps of it that are done
	Cleared uint64 // bytes of its memory that are cleared
	Pieces  uint64 // of its memory
	Piece   [MaxPieces]Piece

	SerialGSI uint64 // interrupt line of its UART
	Tty       Tty
	PM        pm.State
	CMOS      cmos.State

	DeviceBase uint64 // guest-physical address of the windows of its virtio devices, 0: none
	DeviceGSI  uint64 // interrupt line of the first one
	Devices    [abi.NumSlots]virtio.Device
	Console    vcon.State
	Random     rng.State
	Disks      [abi.MaxDisks]blk.Disk
	Left       uint64 // TSC when the servers of its disks were asked to leave, 0: they were not

	IOAPIC ioapic.State
	Serial serial.State
	PIC    pic.State
	PIT    pit.State
	PC     uint64         // 1: it has the two of the PC platform
	Lines  [MaxLines]Line // physical interrupt lines routed to it, by GSI
}

// MaxLines is the most interrupt lines of the machine that can be routed.
const MaxLines = 64

// Line is one physical interrupt line owned by a partition; a kept record.
//
// At rest: Masked is 1 exactly when the line is level-triggered and its
// interrupt is in flight in the owner, or the owner has masked it.
type Line struct {
	Owned  uint64 // 1 if the partition owns it
	Level  uint64
	Masked uint64
	In     uint64 // interrupts that arrived from the machine
	Out    uint64 // interrupts given to the partition
	Dest   uint64 // APIC id of the processor it is routed to
}

// Lookup returns the partition with index i.
//
//go:nosplit
func Lookup(i uint64) *Partition { return &tab.Partitions[i&(MaxPartitions-1)] }

// VP returns virtual processor i of p.
//
//go:nosplit
func (p *Partition) VP(i uint64) *VP { return &tab.VPs[(p.FirstVP+i)&(MaxVPs-1)] }
