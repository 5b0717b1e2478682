package partition

import (
	"runtime"
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/vmx"
)

// A handoff takes all processors from this instance to another one. They meet at
// the top of their loops, where nothing is half done, and then each enters the
// other instance's seat: by the flip if it has a VP to run, so that its guest
// goes on and the next exit arrives there; else by loading the state.

// flagMeet has a dispatcher come to the meeting.
const flagMeet = kernel.FlagUser

// How a meeting stands.
const (
	meetNone   uint64 = iota
	meetOpen          // processors are coming
	meetCommit        // all have come; the last one makes it so
	meetGo            // the other instance has the machine
	meetOff           // called off: everybody goes back to work
)

// meeting is volatile: a reset calls it off.
var meeting struct {
	state  uint64
	met    uint64
	want   uint64
	until  uint64 // TSC value after which it is called off
	native uint64 // 1: nobody flips
	seat   *kernel.Seat
}

// meetPart is how long processors wait for each other, in parts of a second.
const meetPart = 20

// SeatFits reports whether the page at a is the seat of an instance that can take
// this machine over.
func SeatFits(a addr.HPA) bool {
	s := seatAt(a)
	return s.Magic == kernel.SeatMagic && s.Version == kernel.SeatVersion && s.CPUs == tab.Host.CPUs
}

// Fits is SeatFits for the candidate's seat.
func (r *Restart) Fits() bool { return r.Seat != 0 && SeatFits(addr.HPA(r.Seat)) }

// Processors returns the set of those that run a dispatcher.
func Processors() (set uint64) {
	for i := range tab.Host.CPUs {
		set |= b2u(tab.CPUs[i].Online == 1) << i
	}
	return set
}

// Handoff gives the machine to the instance whose seat is at a. It returns only if
// that did not come about: somebody did not come in time.
func Handoff(a addr.HPA, native bool) {
	for !kernel.Repair() {
	}
	m := &meeting
	m.met, m.want, m.until = 0, 0, x86.RDTSC()+tab.Host.TSCHz/meetPart
	m.native, m.seat = b2u(native), seatAt(a)
	for i := range tab.Host.CPUs {
		m.want += b2u(tab.CPUs[i].Online == 1)
	}
	atomic.StoreUint64(&m.state, meetOpen)
	for i := range tab.Host.CPUs {
		if tab.CPUs[i].Online == 1 {
			k := kernel.CPUAt(int(i))
			k.Raise(flagMeet)
			k.Kick()
		}
	}
	for atomic.LoadUint64(&m.state) != meetOff {
		runtime.Gosched() // the dispatcher here has to come too
	}
	atomic.StoreUint64(&m.state, meetNone)
}

// attend is what a dispatcher does at the top of its loop when there is a meeting.
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
	if c.Active != 0 {
		r.Last = tab.VPs[(c.Active-1)&(MaxVPs-1)].Ctx.TSC
	}
	if atomic.AddUint64(&m.met, 1) == m.want && cas(&m.state, meetOpen, meetCommit) {
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
	own := kernel.TakeSeat(vmx.ExitPC())
	if own == 0 {
		return meetOff
	}
	h.Restart.Back = uint64(own)
	h.Restart.Here = 0
	h.Generation++
	h.Instance++
	return meetGo
}

// depart takes this processor to the other instance.
//
//go:nosplit
func (c *CPU) depart(s *kernel.Seat) {
	kernel.FlushPCID(s.CR3)
	if v := c.pick(x86.RDTSC()); v != nil && meeting.native == 0 {
		v.Instance, v.HostFS = tab.Host.Instance, x86.RDMSR(x86.MSRFSBase) // not again for us
		if c.load(v) && (v.Events == 0 || v.serve(c)) {
			c.flip(v, s)
		}
	}
	kernel.Depart(s, c.Index)
}

// flip enters v, whose exits land in the other instance from now on.
//
//go:nosplit
func (c *CPU) flip(v *VP, s *kernel.Seat) {
	h := s.Host(c.Index)
	vmx.WriteHostFor(&v.Ctx, &h, s.Exit)
	v.HostFS = h.FSBase
	if c.Rearm != 0 {
		c.arm()
	}
	vmx.ReturnToGuest(&v.Ctx)
	if v.Ctx.Commit&vmx.CommitLog != 0 {
		v.apply()
	}
	now := x86.RDTSC()
	v.runs(now)
	r := &tab.Host.Restart.Report.CPU[c.Index&(MaxCPUs-1)]
	r.First, r.Flip = now, 1
	vmx.EnterFor(&v.Ctx, s.CPU[c.Index&(MaxCPUs-1)].Frame)
}
