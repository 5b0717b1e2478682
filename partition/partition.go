// Package partition runs virtual machines.
//
// The one idea: a partition is data. Its exits are answered by a table, its
// facts are kept records, and a dispatcher that knows nothing but those records
// can go on from them at any time.
package partition

import (
	"perdure/partition/ioapic"
	"perdure/partition/pic"
	"perdure/partition/ram"
	"perdure/partition/serial"
)

// Limits of the kept tables. A request beyond them is refused.
const (
	MaxPartitions = 16
	MaxVPs        = 64 // of all partitions together
	MaxCPUs       = 32
)

// State is where a partition stands in its life.
type State uint64

const (
	Free     State = iota // the record is unused
	Creating              // being filled by the control goroutine
	Running
	Stopped // broken or switched off; its report is in Why
)

// String returns the word that tools print.
func (s State) String() string {
	return [...]string{"free", "creating", "running", "stopped"}[s&3]
}

// Kind says what a partition may do.
type Kind uint64

const (
	Root  Kind = iota + 1 // owns the devices, manages the others
	Guest                 // created by root
)

// Stop reasons, kept in Partition.Why.
const (
	WhyNone         uint64 = iota
	WhyUnexpected          // an exit that we never asked for
	WhyEntryFailed         // the processor refused the VP's state
	WhyTripleFault         // and nobody to reset it
	WhyBadAccess           // memory that it does not have, by an instruction we cannot decode
	WhyHalted              // powered off by itself
	WhyHandlerFault        // our handler for its exit failed again and again
)

// whyText are the sentences of a stop report, by reason.
var whyText = [...]string{
	WhyNone:         "no reason",
	WhyUnexpected:   "an exit that was never asked for",
	WhyEntryFailed:  "the processor refused to enter it",
	WhyTripleFault:  "triple fault",
	WhyBadAccess:    "an event whose tables or stack are where there is no memory",
	WhyHalted:       "it switched itself off",
	WhyHandlerFault: "the hypervisor's handler for its exit failed repeatedly",
}

// Partition is one virtual machine: a kept record.
//
// At rest: Lock is 0, and every VP from FirstVP on, VPs in number, belongs to it.
type Partition struct {
	State   State
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

	SerialGSI uint64 // interrupt line of its UART

	IOAPIC ioapic.State
	Serial serial.State
	PIC    pic.State
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
