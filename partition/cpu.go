package partition

import (
	"sync/atomic"

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
	Online    uint64    `kept:"use"` // 1 once VT-x is on, 2 if that failed
	Region    uint64    // HPA of its VMXON region
	Identity  uint64    // checksum of what does not change
	Flushed   uint64    // Host.FlushGen when it last forgot all translations
	Active    uint64    // 1 + index of the VP whose VMCS is current, 0: none
	FPU       uint64    // 1 + index of the VP whose extended state is in the registers
	Queue     uint64    // VPs whose home it is, by index
	Contended uint64    // 1 while several of them want to run
	VTime     uint64    // then: the virtual time of the one that was picked last
	Balance   uint64    // 1: somebody waits elsewhere who should run here
	Yields    uint64    // the VP that gave way, as a bit, until another one was picked
	Stale     uint64    // 1: Others is to be found anew
	Others    uint64    // TSC value that the timers of all but the active VP want, never: none
	Armed     uint64    // TSC value in the physical timer, never: none
	Slice     uint64    // TSC value at which the running VP's slice ends
	Locked    uint64    // 1 + index of the partition whose lock this processor holds
	Kicks     uint64    // VPs to be kicked once the exit is committed, by index
	Program   uint64    // lines to be programmed anew then
	Rearm     uint64    // 1: the timer may have to be set anew
	Early     [3]uint64 // TSC ticks that a VP's timer is set early: of one that runs, is halted, is not loaded
	Leave     uint64    // 1: give the processor back after this exit
	Log       tx.Log    // changes that belong to no exit
	Committed uint64    // 1: those in Log are to be made
	Serve     uint64    // partitions whose devices are to be looked at, a bit each
	Owned     uint64    // 1 + partition*NumSlots + slot of the device that the present exit changes, 0: none
	Chain     virtio.Chain
	Inspect   Inspect
	Watch     Watch
	Back      uint64 // after a reset or an arrival: what is to be noted when a VP runs here again

	Idle, Guest       uint64 // TSC ticks in each
	IPIs, Stray, NMIs uint64
	Switches          uint64                   // VPs loaded
	Stolen            uint64                   // of these taken from another processor's queue
	Unwound           uint64                   // exits dropped after a fault of ours
	Exits             uint64                   // all of them; also the sequence of the trace ring
	Trace             [TraceLen]abi.TraceEntry `kept:"drop,ring=Exits"`
}

// this returns the record of the processor that runs the caller.
//
//go:nosplit
func this() *CPU { return &tab.CPUs[kernel.This().Index()&(MaxCPUs-1)] }

// kick makes the processor that is v's home look at v's events. If v waits for a
// processor it need not: v looks at them itself before it runs.
//
//go:nosplit
func (v *VP) kick() {
	if v.Ready != 0 {
		return
	}
	c := &tab.CPUs[v.CPU&(MaxCPUs-1)]
	if me := this(); c != me {
		apic.SendIPI(uint32(c.APICID), kernel.VectorKick)
	} else {
		far.look(me, x86.RDTSC())
	}
}

// arm sets the physical timer to the earliest thing that is due here.
//
//go:nosplit
func (c *CPU) arm() {
	c.Rearm = 0
	if c.Stale != 0 {
		c.gather()
	}
	due := c.Others
	if c.Active != 0 {
		v := &tab.VPs[(c.Active-1)&(MaxVPs-1)]
		if d := v.deadline(); d != 0 {
			due = min(due, c.ahead(d, b2u(v.State == VPHalted)))
		}
	}
	if c.Slice < due {
		due = c.Slice
	}
	if c.Index == 0 && tab.Host.Tick < due {
		due = tab.Host.Tick
	}
	if tab.Host.WatchLen != 0 && c.Watch.At < due {
		due = max(c.Watch.At, 1)
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
	if c.Index == 0 && tab.Host.Tick <= now && assemble() {
		tab.Host.Tick = now + tab.Host.tick()
		c.Rearm = 1
		return // the rest can wait, for the other instance
	}
	for q := c.Queue; q != 0; q &= q - 1 {
		c.expire(queued(q), q&-q == c.active(), now)
	}
	if c.Others <= now {
		c.Stale = 1
	}
	if c.Queue != c.active() {
		c.look(now)
	}
	if c.Index == 0 && tab.Host.Tick <= now {
		tab.Host.Tick = now + tab.Host.tick()
		tab.Host.watch()
		c.scrubDue()
		if again := console.Drain(); again != 0 && again < tab.Host.Tick {
			tab.Host.Tick = again
		}
		c.resend(tab.Switch.Patient())
	}
	if tab.Host.WatchLen != 0 && c.Watch.At <= now {
		c.watch(now)
	}
	c.auditDue(now)
	if c.Slice <= now {
		c.Slice = never
		c.Leave = 1
	}
	c.Rearm = 1
}

// expire lets v's timer fire if its time has come. One that is being taken to
// another processor is left to that one.
//
//go:nosplit
func (c *CPU) expire(v *VP, active bool, now uint64) {
	slot := b2u(v.State == VPHalted)
	if !active {
		slot = unloaded
	}
	d := v.deadline()
	if d == 0 || c.ahead(d, slot) > now || !active && !c.claim(v, c) {
		return
	}
	if d = v.deadline(); d != 0 && c.ahead(d, slot) <= now {
		v.NotBefore, v.Slept = d, slot // the same, if this is done again
		v.LAPIC.Expire(&c.Log, max(now, d))
		c.Log.Or(&v.Events, EvIntr)
		c.commit()
		if v.Wired != 0 {
			old.tick(v, c, max(now, d))
		}
	}
	if !active {
		release(&v.Holder)
	}
}

// gather finds the earliest of the timers of VPs that are not loaded. They stay
// as they are until they fire or their VPs run.
//
//go:nosplit
func (c *CPU) gather() {
	atomic.SwapUint64(&c.Stale, 0)
	c.Others = never
	for q := c.Queue &^ c.active(); q != 0; q &= q - 1 {
		v := queued(q)
		if d := v.deadline(); d != 0 && v.partition().Hold&HoldDrop == 0 {
			c.Others = min(c.Others, c.ahead(d, unloaded))
		}
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
		programLater(c)
	}
	for k := c.Kicks; k != 0; k &= k - 1 {
		if i := trailing(k); i+1 != c.Active {
			tab.VPs[i&(MaxVPs-1)].kick()
		}
	}
	c.Kicks = 0
	if c.Rearm != 0 {
		c.arm()
	}
}
