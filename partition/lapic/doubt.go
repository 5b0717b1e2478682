package lapic

import "sync/atomic"

// Serving returns the highest vector in service, 0 if there is none, and whether it was
// level-triggered. One of a processor that sleeps with interrupts on is stuck there.
//
//go:nosplit
func (s *State) Serving() (vec uint8, level bool) {
	v := top(&s.ISR)
	return uint8(v), s.TMR[v>>6&3]&(1<<(v&63)) != 0
}

// End ends a vector in service, at once.
//
//go:nosplit
func (s *State) End(vec uint8) { atomic.AndUint64(&s.ISR[vec>>6&3], ^(uint64(1) << (vec & 63))) }

// Wake requests the timer's interrupt, unless it will come by itself between now and end: for
// a processor that sleeps and may wait for one that was lost.
//
//go:nosplit
func (s *State) Wake(now, end uint64) {
	lvt := s.LVT[LVTTimer]
	if d := s.Deadline; lvt&LVTMasked != 0 || d != 0 && d <= end {
		return // what has passed fires by itself
	}
	s.Deadline = 0
	if timerMode(lvt) == timerPeriodic && s.InitialCount != 0 {
		s.Deadline = now + s.period()
	}
	s.Request(lvt, false)
}
