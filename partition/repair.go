package partition

import (
	"runtime"
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/vmx"
)

// After a reset nobody knows anything but what is in kept state. Each processor
// makes whole or undoes what it was at, which its number on locks, owners and
// claims tells; nobody waits for anybody. docs/rest.md says why each step is there.

// own are the repairs of what a processor had, in their order. Each may be cut
// short, and all are then done again.
var own = [...]func(c *CPU){
	(*CPU).repairLog, (*CPU).repairLocks, (*CPU).repairDevices, (*CPU).repairClaims, (*CPU).repairActive, (*CPU).repairTimer,
}

// Repair makes the running processor's part of kept state at rest after a reset.
func Repair() {
	c := this()
	if c.Online != 1 {
		return
	}
	c.mend() // which says who it is
	for _, f := range own {
		f(c)
	}
	c.Back = backRepaired
	watches[c.Index&(MaxCPUs-1)] = true
}

// repairLog makes the changes that were committed in the processor's own log,
// and drops those that were not.
func (c *CPU) repairLog() {
	if c.Committed != 0 {
		sift(&c.Log)
		c.commit()
	}
	c.Log.Reset()
}

// its reports whether a word that says which processor has something says c, or one
// that there is not: a bit of it has flipped, and anybody may put it right.
func (c *CPU) its(who uint64) bool { return who == c.Index+1 || who > tab.Host.CPUs }

// repairLocks opens the locks that this processor held.
func (c *CPU) repairLocks() {
	for i := range tab.Partitions {
		lock := &tab.Partitions[i].Lock
		if who := atomic.LoadUint64(lock); c.its(who) {
			cas(lock, who, 0)
		}
	}
	c.Locked = 0
}

// repairDevices gives back the devices that this processor served or changed, to
// be looked at once more; so are those that its work on the switch was about.
func (c *CPU) repairDevices() {
	any := false
	for i := range tab.Partitions {
		p := &tab.Partitions[i]
		if p.State == Free {
			continue
		}
		for j := range p.Devices {
			d := &p.Devices[j]
			if who := atomic.LoadUint64(&d.Owner); c.its(who) && cas(&d.Owner, who, c.Index+1) {
				d.KickAll()
				c.ask(p)
				release(&d.Owner)
				any = true
			}
		}
	}
	c.Owned = 0
	if any {
		tab.Switch.Drop(c.Index)
		c.resend(atomic.LoadUint64(&tab.Switch.Waiting))
		netDelivered(c)
	}
}

// repairClaims gives back the VPs that this processor had claimed without having
// them: to run them, to move them, or to let their timers fire.
func (c *CPU) repairClaims() {
	for i := range tab.Host.VPs {
		v := &tab.VPs[i]
		if who := atomic.LoadUint64(&v.Holder); who > tab.Host.CPUs {
			cas(&v.Holder, who, v.loaded(c.Index+1))
		}
	}
	c.letGo()
}

// loaded returns the number of the processor that has v, otherwise if none has.
func (v *VP) loaded(otherwise uint64) uint64 {
	for i := range tab.Host.CPUs {
		if tab.CPUs[i].Active == v.index()+1 {
			return i + 1
		}
	}
	return otherwise
}

// repairActive makes the VP that this processor has one that can be entered.
func (c *CPU) repairActive() {
	kernel.Controls()
	if c.Active == 0 {
		setXCR0(tab.Host.XCR0)
		return
	}
	v := &tab.VPs[(c.Active-1)&(MaxVPs-1)]
	vmx.Load(addr.HPA(v.VMCS))
	v.Instance = 0 // CR3 is another one
	vmx.LeaveGuest(&v.Ctx)
	v.loadable()
	sift(&v.Log)
	v.finish()
	v.Log.Reset()
	if c.FPU != c.Active {
		setXCR0(tab.Host.XCR0)
		v.restoreExtended()
		vmx.LoadDebug(&v.Ctx)
		c.FPU = c.Active
	}
	setXCR0(max(v.XCR0, 1))
	v.rests(x86.RDTSC())
	if v.Ctx.Commit == 0 {
		v.unhalt()
	}
	v.writeWindow()
	v.abandon(c)
	atomic.OrUint64(&v.Events, EvIntr)
}

// repairTimer has the physical timer set anew, which the reset has stopped.
func (c *CPU) repairTimer() {
	c.Armed, c.Slice, c.Leave, c.Yields = never, never, 0, 0
	c.Watch.Asleep, c.Watch.Lent, c.Watch.Missed, c.Watch.At = 0, 0, 0, x86.RDTSC()+tab.Host.WatchLen
	c.Stale, c.Rearm = 1, 1
	kernel.This().Beat.Missed = 0
}

// RepairAll repairs what belonged to no processor; the one that led the reset
// does it, while the others go on.
func RepairAll() {
	h := tab.Host
	atomic.AddUint64(&h.Resets, 1)
	c := this()
	for i := range tab.Partitions {
		p := &tab.Partitions[i]
		if p.State == Free {
			continue
		}
		for j := range p.Devices {
			cas(&p.Devices[j].Owner, never, 0) // the control goroutine had it
		}
		c.ask(p)
	}
}

// repairSets makes the set of pages that the reset left good again, a piece at a
// time.
func repairSets() {
	r := &tab.Host.Recovery
	tellRecovery()
	switch {
	case !kernel.Repair():
	case r.Scrub != 0: // then the code is looked at
		if r.Scrub = kernel.Scrub(r.Scrub-1) + 1; r.Scrub == 1 {
			r.Scrub = 0
		}
	default:
		startBeat() // nothing has stopped it, but a fault of ours may have
		return
	}
	atomic.OrUint64(&tab.Host.Work, WorkRepair)
	runtime.Gosched() // whoever wants to run does so between two steps
}
