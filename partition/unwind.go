package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// Unwound is what is known of exits that failed in our hands: a kept record.
type Unwound struct {
	N      uint64 // exits dropped and repeated
	At     uint64 // exits with the last one's reason that the VP had made
	Row    uint64 // how often in a row the same exit failed
	Reason uint64 // of the last one
	RIP    uint64
}

// A partition is stopped when the same exit of a VP failed more than maxUnwound times in
// our hands, and never succeeded in between: then repeating does not help.
const maxUnwound = 8

// unwind is rung 0 for a Go panic: an index out of range, a panic by name. A fault of
// the processor's in a handler ends its guarded call, and so comes to unwound without
// the runtime's way, which is long.
//
//go:nosplit
func unwind() {
	if r := recover(); r != nil {
		kernel.This().Guard.BP = 0
		this().unwound(r)
	}
}

// unwound is rung 0: an exit that failed in our hands loses its uncommitted
// changes, and the guest does the instruction again. What was committed stays;
// what was still to be done about it is done when the dispatcher begins anew.
//
// Up to complain it must stay on this processor: a check of the stack is where
// the scheduler could take it to another one.
//
//go:nosplit
func (c *CPU) unwound(r any) {
	if c.Committed != 0 {
		sift(&c.Log)
		c.commit()
	}
	c.Log.Reset()
	c.openLocks()
	retake()
	c.dropOwned()
	tab.Switch.Drop(c.Index)
	c.Unwound++
	c.barren()
	c.letGo()
	c.Armed, c.Stale, c.Rearm = never, 1, 1 // the timer may have been being set
	if c.Active == 0 {
		return
	}
	v := &tab.VPs[(c.Active-1)&(MaxVPs-1)]
	kernel.Controls()
	v.Instance = 0 // the VMCS gets its host state anew, which may be what fails
	vmx.LeaveGuest(&v.Ctx)
	v.loadable()
	v.rests(x86.RDTSC())
	if v.Ctx.Commit == 0 {
		c.Kicks, c.Program = 0, 0
		v.unhalt()
	}
	sift(&v.Log)
	v.finish()
	v.Log.Reset()
	stopped, damaged := v.strike(), false
	switch v.Unwound.Row {
	case 1:
		if f, ok := r.(*kernel.Fault); ok {
			farLookAt(f.RIP)
		}
		damaged = !v.right()
	case 2:
		farLookAll() // damaged code, or what else, would fail again and again
		fallthrough
	default:
		farMendCPU(c)
		damaged = farMend(v) == lost
	}
	if v.Unwound.Row == 1 { // else it is this that fails
		v.abandon(c)
	}
	v.writeWindow()                    // the VMCS may not have the wish yet, or have it still
	atomic.OrUint64(&v.Events, EvIntr) // one may have been on its way
	switch {
	case damaged && v.owner() != Lookup(0):
		v.stop(WhyDamaged, v.Ctx.Reason)
	case stopped:
		v.stop(WhyHandlerFault, v.Ctx.Reason)
	}
	if f, ok := r.(*kernel.Fault); !ok || stopped || !c.later(v, f) {
		complain(v.ID, v.Ctx.Reason, v.Ctx.RIP, r, stopped)
	}
}

// unhalt makes v execute its HLT again, if that is what failed: under the shadow
// of the STI before it, or an interrupt in between would be waited for in vain. The
// shadow is the first thing that the handler ends.
//
//go:nosplit
func (v *VP) unhalt() {
	if v.Ctx.Reason != uint64(vmcs.ReasonHLT) {
		return
	}
	if v.State == VPHalted {
		v.State = VPRun
	}
	if s := vmcs.GuestInterruptibility.Read(); s&3 == 0 && vmcs.GuestRFLAGS.Read()&x86.RFLAGSIF != 0 {
		vmcs.GuestInterruptibility.Write(s | 1)
	}
}

// strike counts an exit of v that failed, and reports whether it was one too many.
//
//go:nosplit
func (v *VP) strike() bool {
	u := &v.Unwound
	r := v.Ctx.Reason & 0xffff
	seen := uint64(0)
	if r < uint64(len(v.Exits)) {
		seen = v.Exits[r]
	} else { // on the way in: every exit since tells that it succeeded
		for i := range v.Exits {
			seen += v.Exits[i]
		}
	}
	if u.Reason != r || u.RIP != v.Ctx.RIP || seen-u.At > 1 {
		u.Row = 0
	}
	u.N++
	u.Row++
	u.At, u.Reason, u.RIP = seen, r, v.Ctx.RIP
	return u.Row > maxUnwound
}

// makes makes the change of an exit that has no log.
//
//go:nosplit
func (v *VP) makes(c *CPU) {
	if Verdict(v.Ctx.Commit)&Ends != 0 {
		v.LAPIC.End(uint8(v.Ctx.OutRAX))
		v.Ctx.Commit &^= uint64(early)
		return
	}
	v.LAPIC.Deadline = v.Ctx.OutRAX
	v.Ctx.Commit &^= uint64(early)
	c.after()
}

// finish makes what is left of the changes that have been committed for v: before it runs, and
// after a fault of ours first of all, since the event in the VMCS may be one of them.
//
//go:nosplit
func (v *VP) finish() {
	switch done := Verdict(v.Ctx.Commit); {
	case done&Changes != 0:
		v.Log.Apply()
	case done&Ends != 0:
		v.LAPIC.End(uint8(v.Ctx.OutRAX))
	case done&Timer != 0:
		v.LAPIC.Deadline = v.Ctx.OutRAX
	}
	v.Ctx.Commit &^= uint64(early)
	if v.Inject&accepting != 0 {
		v.accept()
	}
}

// unfinished reports whether anything is left.
//
//go:nosplit
func (v *VP) unfinished() bool { return v.Ctx.Commit&uint64(early)|v.Inject&accepting != 0 }

// settle commits and makes the changes in v's log that belong to no exit.
//
//go:nosplit
func (v *VP) settle() {
	v.Ctx.Commit |= vmx.CommitLog
	v.Log.Apply()
	v.Ctx.Commit &^= vmx.CommitLog
}
