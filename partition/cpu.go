package partition

import (
	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/partition/abi"
	"perdure/partition/tx"
	"perdure/partition/virtio"
)

// TraceLen is the number of exits that a processor's trace ring holds.
const TraceLen = 256

// LeaveWait as CPU.Leave gives the processor back, and lets interrupts in first.
const LeaveWait = 2

// never is a deadline that does not come.
const never = ^uint64(0)

// CPU is what a dispatcher knows of its processor: a kept record.
//
// At rest: Locked, Kicks and Program are 0 and Log.N is 0.
type CPU struct {
	Index     uint64
	APICID    uint64
	Online    uint64    // 1 once VT-x is on, 2 if that failed
	Region    uint64    // HPA of its VMXON region
	Identity  uint64    // checksum of what does not change
	Flushed   uint64    // Host.FlushGen when it last forgot all translations
	Active    uint64    // 1 + index of the VP whose VMCS is current, 0: none
	FPU       uint64    // 1 + index of the VP whose extended state is in the registers
	Next      uint64    // VP index after which the next pick begins
	Armed     uint64    // TSC value in the physical timer, never: none
	Slice     uint64    // TSC value at which the running VP's slice ends
	Locked    uint64    // 1 + index of the partition whose lock this processor holds
	Kicks     uint64    // VPs to be kicked once the exit is committed, by index
	Program   uint64    // lines to be programmed anew then
	Rearm     uint64    // 1: the timer may have to be set anew
	Early     [2]uint64 // TSC ticks that a VP's timer is set early: of one that runs, of one that is halted
	Leave     uint64    // 1: give the processor back after this exit
	Log       tx.Log    // changes that belong to no exit
	Committed uint64    // 1: those in Log are to be made
	Serve     uint64    // partitions whose devices are to be looked at, a bit each
	Owned     uint64    // 1 + partition*NumSlots + slot of the device that the present exit changes, 0: none
	Chain     virtio.Chain
	Inspect   Inspect

	Idle, Guest       uint64 // TSC ticks in each
	IPIs, Stray, NMIs uint64
	Unwound           uint64 // exits dropped after a fault of ours
	Exits             uint64 // all of them; also the sequence of the trace ring
	Trace             [TraceLen]abi.TraceEntry
}

// this returns the record of the processor that runs the caller.
//
//go:nosplit
func this() *CPU { return &tab.CPUs[kernel.This().Index()&(MaxCPUs-1)] }

// kick makes the processor that v is pinned to look at v's events.
//
//go:nosplit
func (v *VP) kick() {
	if c := &tab.CPUs[v.CPU&(MaxCPUs-1)]; c != this() {
		apic.SendIPI(uint32(c.APICID), kernel.VectorKick)
	}
}

// arm sets the physical timer to the earliest thing that is due here.
//
//go:nosplit
func (c *CPU) arm() {
	c.Rearm = 0
	due := never
	for i := uint64(0); i < tab.Host.VPs; i++ {
		v := &tab.VPs[i&(MaxVPs-1)]
		if v.CPU != c.Index || v.State == VPNone {
			continue
		}
		if d := v.LAPIC.NextDeadline(); d != 0 {
			due = min(due, c.ahead(v, d))
		}
	}
	if c.Slice < due {
		due = c.Slice
	}
	if c.Index == 0 && tab.Host.Tick < due {
		due = tab.Host.Tick
	}
	if due == c.Armed {
		return
	}
	c.Armed = due
	if due == never {
		apic.ClearTimer()
	} else {
		apic.SetDeadline(due)
	}
}

// due lets every timer of this processor's VPs fire whose time has come.
//
//go:nosplit
func (c *CPU) due(now uint64) {
	for i := uint64(0); i < tab.Host.VPs; i++ {
		v := &tab.VPs[i&(MaxVPs-1)]
		if v.CPU != c.Index || v.State == VPNone {
			continue
		}
		if d := v.LAPIC.NextDeadline(); d != 0 && c.ahead(v, d) <= now {
			v.LAPIC.Expire(&c.Log, max(now, d))
			c.Log.Set(&v.NotBefore, d)
			c.Log.Set(&v.Slept, b2u(v.State == VPHalted))
			c.Log.Or(&v.Events, EvIntr)
			c.Log.Apply()
		}
	}
	if c.Index == 0 && tab.Host.Tick <= now {
		tab.Host.Tick = now + tab.Host.TickLen
		if again := console.Drain(); again != 0 && again < tab.Host.Tick {
			tab.Host.Tick = again
		}
	}
	if c.Slice <= now {
		c.Slice = never
		c.Leave = 1
	}
	c.Rearm = 1
}

// lock takes p's device lock for the exit that is being handled; the commit
// gives it back.
//
//go:nosplit
func (c *CPU) lock(p *Partition) {
	for !cas(&p.Lock, 0, c.Index+1) {
		x86.PAUSE()
	}
	c.Locked = p.ID + 1
}

// unlock gives the lock back, if one is held.
//
//go:nosplit
func (c *CPU) unlock() {
	if c.Locked != 0 {
		release(&Lookup(c.Locked - 1).Lock)
		c.Locked = 0
	}
}

// after does what had to wait for the commit of an exit. All of it may be done twice.
//
//go:nosplit
func (c *CPU) after() {
	c.unlock()
	c.disown()
	if c.Serve != 0 {
		serveLater(c)
	}
	if c.Program != 0 {
		c.programLines()
	}
	for k := c.Kicks; k != 0; k &= k - 1 {
		tab.VPs[trailing(k)&(MaxVPs-1)].kick()
	}
	c.Kicks = 0
	if c.Rearm != 0 {
		c.arm()
	}
}
