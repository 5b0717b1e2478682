package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// A handoff takes all processors from this instance to another one. They meet at
// the top of their loops, where nothing is half done, and then each enters the
// other instance's seat: by the flip if it has a VP to run, so that its guest
// goes on and the next exit arrives there; else by loading the state.

// flagMeet has a dispatcher come to the meeting.
const flagMeet = kernel.FlagUser

// flagDoubt has one look through what it has in kept state: doubt.
const flagDoubt = kernel.FlagUser << 1

// flagAudit has one look at those that have done nothing for a while: audit.
const flagAudit = kernel.FlagUser << 2

// How a meeting stands.
const (
	meetNone   uint64 = iota
	meetCalled        // it begins with the next tick
	meetOpen          // processors are coming
	meetCommit        // all have come; the last one makes it so
	meetGo            // the other instance has the machine
	meetOff           // called off: everybody goes back to work
)

// meeting is volatile: a reset calls it off.
var meeting struct {
	state  uint64
	who    uint64 // processors that are called, a bit each
	met    uint64 // those that have come
	asked  uint64 // partitions whose devices they have yet to serve, a bit each
	until  uint64 // TSC value after which it is called off; before it opens, until which it waits for the control goroutine
	native uint64 // 1: nobody flips
	alike  uint64 // 1: but for its tables and code the other instance has ours at its addresses
	seat   *kernel.Seat
	own    addr.HPA // our own seat
}

// meetPart is how long processors wait for each other, in parts of a second.
const meetPart = 20

// Fits reports whether the candidate's seat is that of an instance that can take
// this machine over.
func (r *Restart) Fits() bool {
	if r.Seat == 0 {
		return false
	}
	s := seatAt(addr.HPA(r.Seat))
	return s.Magic == kernel.SeatMagic && s.Version == kernel.SeatVersion && s.CPUs == tab.Host.CPUs
}

// Handoff arranges for the machine to be given to the instance whose seat is at
// a: with the next tick, so that all that this is asked by has been finished. It
// reports false if it cannot be.
func Handoff(a addr.HPA, native bool) bool {
	for !kernel.Repair() {
	}
	m := &meeting
	m.own = kernel.MakeSeat(vmx.ExitPC())
	if m.own == 0 {
		return false
	}
	m.met, m.asked, m.who = 0, 0, tab.Host.processors()
	m.native, m.seat = b2u(native || kept.Changing() != nil), seatAt(a) // a flip writes records that would be behind
	m.alike = b2u(m.seat.Alike(seatAt(m.own)))
	m.until = x86.RDTSC() + tab.Host.TSCHz/meetPart
	guard()
	atomic.StoreUint64(&m.state, meetCalled)
	return true
}

// undoWatch is how many milliseconds without progress make a hang while a restart
// can be undone, if processors are not watched anyway.
const undoWatch = 50

// guard has processors watch each other until the restart is over.
func guard() {
	h := tab.Host
	if h.WatchLen != 0 {
		return
	}
	h.Restart.Guard = 1
	h.WatchLen = h.TSCHz / 1000 * undoWatch / looks
	for i := range h.CPUs {
		tab.CPUs[i].Rearm = 1
		kernel.CPUAt(int(i)).Kick()
	}
}

// unguard ends that.
func unguard() {
	if h := tab.Host; h.Restart.Guard != 0 {
		h.WatchLen, h.Restart.Guard = 0, 0
	}
}

// Called reports whether there will be a handoff, or is one; if it was called off,
// there is none any more.
func Called() bool {
	cas(&meeting.state, meetOff, meetNone)
	return atomic.LoadUint64(&meeting.state) != meetNone
}

// assemble is for the tick: if there is to be a meeting, it begins. As long as the control
// goroutine has a processor the VP of that one stands already: the next tick will do.
//
//go:nosplit
func assemble() bool {
	m := &meeting
	if atomic.LoadUint64(&m.state) != meetCalled {
		return false
	}
	now := x86.RDTSC()
	if called.Load() && now < m.until {
		return false
	}
	m.until = now + tab.Host.TSCHz/meetPart
	atomic.StoreUint64(&m.state, meetOpen)
	for set := m.who; set != 0; set &= set - 1 {
		kernel.CPUAt(int(trailing(set))).Raise(flagMeet)
	}
	if m.who&(m.who-1) != 0 {
		kernel.KickOthers()
	}
	return true
}

// attendLater is attend, out of the linker's sight.
var attendLater = (*CPU).attend

// stands returns since when v, which a processor had last, has not run though it might have: since
// its last exit, or if that let it sleep or wait for an answer since it was woken; now if it sleeps
// and feels nothing.
//
//go:nosplit
func (v *VP) stands(now uint64) uint64 {
	since := v.Ctx.TSC
	switch vmcs.Reason(v.Ctx.Reason) {
	case vmcs.ReasonHLT, vmcs.ReasonVMCALL, vmcs.ReasonIO, vmcs.ReasonEPTViolation:
		since = max(since, v.Ready)
	}
	if v.State != VPRun {
		since = now
	}
	return min(since, now)
}

// attend is what a dispatcher does when there is a meeting: at the top of its loop,
// or at the end of a run, when there is as little that is half done.
//
//go:nosplit
func (c *CPU) attend() {
	m := &meeting
	kernel.This().Lower(flagMeet)
	if atomic.LoadUint64(&m.state) != meetOpen {
		return
	}
	r := &tab.Host.Restart.Report.CPU[c.Index&(MaxCPUs-1)]
	r.Met = x86.RDTSC()
	r.Last = r.Met
	if c.Active != 0 {
		r.Last = tab.VPs[(c.Active-1)&(MaxVPs-1)].stands(r.Met)
	}
	if c.Serve != 0 {
		atomic.OrUint64(&m.asked, c.Serve)
	}
	if atomic.OrUint64(&m.met, c.bit())|c.bit() == m.who && cas(&m.state, meetOpen, meetCommit) {
		atomic.StoreUint64(&m.state, handOver())
	}
	for {
		switch atomic.LoadUint64(&m.state) {
		case meetGo:
			c.depart(m.seat)
		case meetOff, meetNone:
			return
		case meetOpen:
			if x86.RDTSC() > m.until {
				cas(&m.state, meetOpen, meetOff)
			}
		}
		x86.PAUSE()
	}
}

// handOver makes the other instance the one that has the machine. From here on
// this one can be entered again in its own seat, as after a microreset.
//
//go:nosplit
func handOver() uint64 {
	h := tab.Host
	if !kernel.TakeSeat() {
		return meetOff
	}
	if h.Restart.Back == 0 {
		h.Restart.Report.Held = held(meeting.asked)
	}
	h.Generation = h.Restart.Report.Generation + b2u(h.Restart.Back == 0) // back again: as it was
	h.Restart.Back = uint64(meeting.own)
	h.Restart.Here = 0
	h.Instance++
	kept.Pass()
	return meetGo
}
