package lapic

import "perdure/partition/tx"

// The timer counts the guest's TSC: the virtual bus clock has the TSC's
// frequency, and the divide configuration divides it. Kept is when it expires,
// not what it shows, so that time goes on while nobody looks.

// Modes of the timer, LVT bits 18:17. SDM Vol. 3A, "APIC Timer".
const (
	timerShift    = 17
	timerOneShot  = 0
	timerPeriodic = 1
	timerDeadline = 2
)

// MinPeriod is the shortest period, in TSC ticks, of a periodic timer: a guest
// must be able to run between two ticks.
const MinPeriod = 1 << 14

// timerMode returns the timer mode that an LVT value asks for.
//
//go:nosplit
func timerMode(lvt uint64) uint64 { return lvt >> timerShift & 3 }

// shift returns the divide configuration as a power of two.
//
//go:nosplit
func shift(divide uint64) uint64 { return (divide&3 | divide>>1&4 + 1) & 7 }

// period returns the timer's period in TSC ticks.
//
//go:nosplit
func (s *State) period() uint64 {
	p := s.InitialCount << shift(s.Divide)
	if p < MinPeriod {
		return MinPeriod
	}
	return p
}

// at returns when a timer that was to expire at deadline expires next, seen
// from now; 0: it is not armed any more. due tells that it has expired.
//
//go:nosplit
func (s *State) at(now uint64) (next uint64, due bool) {
	d := s.Deadline
	if d == 0 || now < d {
		return d, false
	}
	if timerMode(s.LVT[LVTTimer]) != timerPeriodic {
		return 0, true
	}
	p := s.period()
	return d + ((now-d)/p+1)*p, true
}

// count returns the current count register.
//
//go:nosplit
func (s *State) count(now uint64) uint64 {
	if timerMode(s.LVT[LVTTimer]) >= timerDeadline {
		return 0
	}
	d, _ := s.at(now)
	if d == 0 {
		return 0
	}
	c := (d - now + 1<<shift(s.Divide) - 1) >> shift(s.Divide)
	if c > s.InitialCount { // a period that was stretched to MinPeriod
		return s.InitialCount
	}
	return c
}

// NextDeadline returns the guest TSC at which the timer wants to interrupt, 0
// if it does not.
//
//go:nosplit
func (s *State) NextDeadline() uint64 { return s.wanted(s.Deadline) }

// wanted returns d if an expiry then would interrupt, else 0.
//
//go:nosplit
func (s *State) wanted(d uint64) uint64 {
	if s.LVT[LVTTimer]&LVTMasked != 0 || s.Base&BaseEnable == 0 {
		return 0
	}
	return d
}

// Expire requests the timer's interrupt if its time has come, and returns what
// NextDeadline will say once t is applied.
//
//go:nosplit
func (s *State) Expire(t *tx.Log, now uint64) uint64 {
	next, due := s.at(now)
	if due {
		t.Set(&s.Deadline, next)
		s.fire(t)
	}
	return s.wanted(next)
}

// fire requests the timer's interrupt unless it is masked.
//
//go:nosplit
func (s *State) fire(t *tx.Log) {
	if lvt := s.LVT[LVTTimer]; lvt&LVTMasked == 0 {
		s.Note(t, lvt&0xff, false)
	}
}

// writeTimer writes the timer's LVT entry. What had expired under the old entry
// is settled under it; leaving or entering deadline mode disarms.
//
//go:nosplit
func (s *State) writeTimer(t *tx.Log, val, now uint64) Effect {
	next, due := s.at(now)
	if due {
		s.fire(t)
	}
	from, to := timerMode(s.LVT[LVTTimer]), timerMode(val)
	if (from >= timerDeadline) != (to >= timerDeadline) {
		next = 0
		t.Set(&s.InitialCount, 0)
	}
	if next != s.Deadline {
		t.Set(&s.Deadline, next)
	}
	t.Set(&s.LVT[LVTTimer], val)
	return Effect{Kind: Timer}
}

// writeCount writes the initial count, which starts the timer; 0 stops it.
//
//go:nosplit
func (s *State) writeCount(t *tx.Log, val, now uint64) Effect {
	mode := timerMode(s.LVT[LVTTimer])
	if mode >= timerDeadline {
		return Effect{} // ignored in deadline mode
	}
	t.Set(&s.InitialCount, val)
	p := val << shift(s.Divide)
	switch {
	case val == 0:
		t.Set(&s.Deadline, 0)
	case mode == timerPeriodic && p < MinPeriod:
		t.Set(&s.Deadline, now+MinPeriod)
	default:
		t.Set(&s.Deadline, now+p)
	}
	return Effect{Kind: Timer}
}

// writeDivide writes the divide configuration; a running count goes on from
// where it is, at the new rate.
//
//go:nosplit
func (s *State) writeDivide(t *tx.Log, val, now uint64) Effect {
	t.Set(&s.Divide, val)
	if timerMode(s.LVT[LVTTimer]) >= timerDeadline || s.Deadline <= now {
		return Effect{}
	}
	t.Set(&s.Deadline, now+(s.Deadline-now)>>shift(s.Divide)<<shift(val))
	return Effect{Kind: Timer}
}

// TSCDeadline reads IA32_TSC_DEADLINE. It is 0 once Expire has seen it pass.
//
//go:nosplit
func (s *State) TSCDeadline() uint64 {
	if timerMode(s.LVT[LVTTimer]) != timerDeadline {
		return 0
	}
	return s.Deadline
}

// CountsTSC reports whether the timer is one with a deadline.
//
//go:nosplit
func (s *State) CountsTSC() bool { return timerMode(s.LVT[LVTTimer]) == timerDeadline }

// SetTSCDeadline writes IA32_TSC_DEADLINE: 0 disarms, what has passed fires at
// once.
//
//go:nosplit
func (s *State) SetTSCDeadline(t *tx.Log, val, now uint64) Effect {
	if timerMode(s.LVT[LVTTimer]) != timerDeadline {
		return Effect{}
	}
	if val != 0 && val <= now {
		s.fire(t)
		val = 0
	}
	t.Set(&s.Deadline, val)
	return Effect{Kind: Timer}
}
