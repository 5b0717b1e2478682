package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// Before a fault of ours is noticed, what it has done wrong may stand in kept state, where
// no checksum tells: a timer that nobody will set any more, an event that nobody looks at, a VP in
// no queue, a control of a VMCS. So after every reset, and when code around exits was damaged, all that
// a virtual processor needs in order to go on is derived anew, or asked for once
// more; what comes once too often finds nothing to do.

// mostStuck is how many vectors may be in service; wrong code may find another one for ever.
const mostStuck = 256

// doubtAll has every processor doubt what it has.
func doubtAll() {
	for i := range tab.Host.CPUs {
		k := kernel.CPUAt(int(i))
		k.Raise(flagDoubt)
		k.Kick()
	}
}

// doubt makes c's part of kept state plausible, and has its VPs look at theirs.
//
//go:nosplit
func (c *CPU) doubt() {
	kernel.This().Lower(flagDoubt)
	now := x86.RDTSC()
	c.plausible(now)
	for i := range tab.Host.VPs {
		if v := &tab.VPs[i]; c.minds(v) {
			audited[i&(MaxVPs-1)].idle = false // what is wrong is known to be
			c.doubts(v, now)
		}
	}
}

// minds reports whether v is c's to look at.
//
//go:nosplit
func (c *CPU) minds(v *VP) bool {
	return v.State != VPNone && v.VMCS != 0 && (v.CPU == c.Index || v.CPU >= tab.Host.CPUs && c.Index == 0)
}

// plausible makes c's clocks so.
//
//go:nosplit
func (c *CPU) plausible(now uint64) {
	h := tab.Host
	if h.Tick > now+h.TickLen {
		h.Tick = now
	}
	for i := range c.Early {
		c.Early[i] = min(c.Early[i], h.EarlyMax)
	}
	if c.Slice != never && c.Slice > now+h.SliceLen {
		c.Slice = now
	}
	c.Armed, c.Stale, c.Rearm = never, 1, 1
}

// doubts is doubt for a VP whose home c is.
//
//go:nosplit
func (c *CPU) doubts(v *VP, now uint64) {
	if v.CPU >= tab.Host.CPUs {
		v.CPU = c.Index
	}
	if v.State > VPStopped {
		v.State = VPRun
	}
	v.Ready = min(v.Ready, now)
	if ahead := v.VTime - tab.Host.VTime; int64(ahead) > int64(tab.Host.TSCHz) {
		v.VTime = tab.Host.VTime
	}
	if mine := v.Holder == c.Index+1; c.Queue&v.bit() == 0 && (mine || c.claim(v, c)) {
		v.house()
		if !mine {
			release(&v.Holder)
		}
	}
	ev := EvDoubt | EvIntr
	if v.ID == 0 {
		ev |= EvKick
	}
	atomic.OrUint64(&v.Events, ev)
}

// doubted writes the controls of v's VMCS anew, which is current, and ends what v may
// wait for in vain: an interrupt that stays in service while it sleeps, and a timer that is not set,
// or for a time that is far away.
//
//go:nosplit
func (v *VP) doubted(c *CPU) {
	atomic.AndUint64(&v.Events, ^EvDoubt)
	cfg := v.config()
	vmx.SetControls(&cfg)
	v.Primary = uint64(vmx.Controls())
	v.writeWindow()
	h := kernel.Host()
	vmx.WriteHost(&v.Ctx, &h)
	now := x86.RDTSC()
	if v.NotBefore > now+tab.Host.EarlyMax {
		v.NotBefore = 0
	}
	if v.State != VPHalted || v.Inject != 0 || vmcs.GuestRFLAGS.Read()&x86.RFLAGSIF == 0 {
		return
	}
	sure := v.sure(now)
	for range mostStuck {
		end, level := v.LAPIC.Serving()
		if end == 0 || !sure && !v.LAPIC.Waiting() {
			break
		}
		v.LAPIC.End(end)
		if level {
			v.endInterrupt(c, end)
			v.settle()
			c.after()
		}
	}
	if sure {
		v.LAPIC.Wake(now, now+tab.Host.TSCHz)
	}
	atomic.OrUint64(&v.Events, EvIntr)
}

// farDoubted is out of the linker's sight.
var farDoubted = (*VP).doubted
