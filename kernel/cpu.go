// Package kernel is the machine as one program sees it: processors, traps,
// time, and the stock Go runtime running on them with nothing below.
//
// The one idea: a processor is a fixed block of memory that GS points to, and
// Go runs on it with interrupts off.
package kernel

import (
	"math/bits"
	"sync/atomic"

	"perdure/mm/addr"
)

// MaxCPUs is the most processors that an instance drives.
const MaxCPUs = 32

// Vectors of the physical local APICs. Lines of the I/O APICs follow from
// VectorLine up, one per global system interrupt.
const (
	VectorTimer    = 0x20 // the LAPIC timer
	VectorKick     = 0x21 // another processor wants attention
	VectorLine     = 0x30 // global system interrupt 0
	VectorLineEnd  = 0xe0
	VectorSpurious = 0xff
)

// Bits of CPU.Flags: what the dispatcher finds at the top of its loop.
const (
	FlagSignal = 1 << iota // a signal of the Go runtime waits for the thread here
	FlagThread             // a runnable thread of the Go runtime waits for a processor
	FlagUser               // this bit and those above are the dispatcher's own
)

// CPU is the block of one processor. It lies in the fixed region, belongs to
// the instance and is not thrown away by a reset; the assembly of this package
// uses its offsets. Only its own processor writes it, Flags excepted.
type CPU struct {
	self   uint64 // this block's HVA; first, so that GS:0 is it
	stack  uint64 // top of the stack of system calls and resets
	sp     uint64 // SP of the thread that made a system call, while switching
	index  uint64
	apicID uint64

	Vectors [4]uint64 // interrupts that arrived in Idle and wait for their EOI
	Flags   uint64    // Flag bits; any processor may set some

	depth   uint64 // traps being handled
	fpu     uint64 // floating-point state to restore with the next frame
	trapSP  uint64 // stack of exceptions, its top
	nmis    uint64 // NMIs that nobody asked for
	faults  uint64 // exceptions handed to the Go runtime
	gate    uint64 // what an NMI means here: gateNormal, gateParked, gateLeading
	gSP     uint64 // where Golden returns to: SP, BP, PC and FS base
	gBP     uint64
	gPC     uint64
	gFS     uint64
	started uint64 // the processor runs Go threads
	tr      uint64 // base of its TSS
	gdt     uint64 // base of its GDT
	came    uint64 // how it came back from Golden: a Came
	flags   uint64 // that Golden returns with
	mending uint64 // 1: it is putting code right after a failure, more: and has failed in that

	Beat  Beat  // how the machine's clock finds it
	Guard Guard // what is under way and may be ended by a fault of ours
	Step  Step  // a fault of ours that is to be made here
}

// HostState is what a VMCS needs to know of the processor that runs it. RSP and
// RIP are the business of the code that enters.
type HostState struct {
	CR0, CR3, CR4          uint64
	FSBase, GSBase, TRBase uint64
	GDTRBase, IDTRBase     uint64
	CS, SS, TR             uint16 // DS, ES, FS and GS are null
}

// Index returns which of the processors c is, counted from 0.
//
//go:nosplit
func (c *CPU) Index() int { return int(c.index) }

// APICID returns the id of c's local APIC.
//
//go:nosplit
func (c *CPU) APICID() uint32 { return uint32(c.apicID) }

// TakeVector returns the highest of the interrupts that wait, and forgets it.
// The caller owes the local APIC an EOI. Highest first is the order of EOIs.
//
//go:nosplit
func (c *CPU) TakeVector() (v uint8, ok bool) {
	for w := 3; w >= 0; w-- {
		if m := c.Vectors[w]; m != 0 {
			b := bits.Len64(m) - 1
			c.Vectors[w] = m &^ (1 << (b & 63))
			return uint8(w<<6 + b), true
		}
	}
	return 0, false
}

// Poll reports whether the dispatcher has anything to look at before it enters
// a guest: one load.
//
//go:nosplit
func (c *CPU) Poll() bool { return atomic.LoadUint64(&c.Flags) != 0 }

// Raise sets flags of c; Kick, in addition, makes the processor notice.
//
//go:nosplit
func (c *CPU) Raise(flags uint64) { atomic.OrUint64(&c.Flags, flags) }

// Lower clears flags of c and returns which of them were set.
//
//go:nosplit
func (c *CPU) Lower(flags uint64) uint64 { return atomic.AndUint64(&c.Flags, ^flags) & flags }

// block returns where processor i's area of the fixed region begins.
//
//go:nosplit
func block(i uint64) addr.HVA { return addr.FixedBase + addr.HVA(areaSize*(i+1)) }

// areaSize is the distance between two processors' areas of the fixed region.
const areaSize = 32 * addr.PageSize
