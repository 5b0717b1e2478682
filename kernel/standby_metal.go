//go:build metal

package kernel

import (
	"perdure/kernel/fail"
	"perdure/kernel/pages"
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// A standby is an instance that stands at its seat, in a home of its own, and waits
// for this one to fail in a way that no reset makes good. Then the reset ends there:
// all processors have been stopped, and enter it as they would enter the instance
// that handed over, within an undo window.

// Standby names the seat of the instance that goes on then; 0: there is none.
func Standby(a addr.HPA) {
	s := &mach().set
	if s.standby = 0; a != 0 {
		s.standby = uint64(a.HVA())
	}
}

// Beyond says that something is damaged that no reset makes good: the next failure
// is the standby's to go on from, if there is one.
//
//go:nosplit
func Beyond(why uint64) { mach().set.beyond = why }

// Damaged reports whether Beyond has been said.
//
//go:nosplit
func Damaged() bool { return mach().set.beyond != RebootNone }

// Reboot has the standby go on in the place of this instance. It returns if there is
// none.
//
//go:nosplit
func Reboot(why uint64) {
	s := &mach().set
	if !s.waits() {
		return
	}
	if cause := CauseCommand; why != RebootHopeless && fail.Record("another instance goes on", This().index, 0) {
		if why == RebootDamage {
			cause = CauseInvariant
		}
		note(cause, nil)
	}
	handOn(why)
	reset()
}

// hopeless says why a reset will not do for the failure that is under way.
//
//go:nosplit
func (s *goldenState) hopeless() uint64 {
	switch {
	case !s.waits():
	case s.beyond != 0:
		return s.beyond
	case s.tries != 0:
		return RebootRecovery
	}
	return RebootNone
}

// waits reports whether there is a standby, and its seat is still one.
//
//go:nosplit
func (s *goldenState) waits() bool {
	if s.standby == 0 || s.back != 0 {
		return false
	}
	p := seatAtHVA(addr.HVA(s.standby))
	return p.Magic == SeatMagic && p.Version == SeatVersion
}

// handOn has the reset that follows end in the standby.
//
//go:nosplit
func handOn(why uint64) {
	s, c := &mach().set, crash()
	c.Reboot, c.Began, c.Tries = why, x86.RDTSC(), s.tries+1
	s.back = s.standby
}

// CrashPage returns the physical address of what LastCrash returns.
func CrashPage() addr.HPA {
	m := mach()
	return addr.HPA(m.space.Lookup(failAt)&pages.FrameMask) + crashOff
}

// Inherit makes the failure of another instance, whose CrashPage is at a, this one's.
func Inherit(a addr.HPA) {
	m := mach()
	c, s := crash(), &m.set
	*c = *crashAtHVA(a.HVA())
	s.stamp, s.tries = c.Began, c.Tries
	if s.led = 1; c.CPU < m.cpus {
		s.led = c.CPU + 1
	}
}
