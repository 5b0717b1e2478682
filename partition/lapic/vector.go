package lapic

import (
	"math/bits"
	"sync/atomic"

	"perdure/partition/tx"
)

// firstVector is the lowest vector that may be delivered; those below it are
// the processor's own exceptions.
const firstVector = 16

// top returns the highest vector in a set, 0 if it is empty: vector 0 is never in one.
//
//go:nosplit
func top(v *[4]uint64) uint64 {
	switch {
	case v[3] != 0:
		return 255 - uint64(bits.LeadingZeros64(v[3]))
	case v[2] != 0:
		return 191 - uint64(bits.LeadingZeros64(v[2]))
	case v[1] != 0:
		return 127 - uint64(bits.LeadingZeros64(v[1]))
	case v[0] != 0:
		return 63 - uint64(bits.LeadingZeros64(v[0]))
	}
	return 0
}

// Enabled reports whether s accepts fixed interrupts.
//
//go:nosplit
func (s *State) Enabled() bool { return s.Base&BaseEnable != 0 && s.SVR&SVREnable != 0 }

// PPR returns the processor priority: the higher class of the task priority
// and the interrupt in service. SDM Vol. 3A, "Task and Processor Priorities".
//
//go:nosplit
func (s *State) PPR() uint64 {
	isr := top(&s.ISR)
	if s.TPR>>4 >= isr>>4 {
		return s.TPR
	}
	return isr & 0xf0
}

// Highest returns the vector to inject next, the highest one requested if its
// class is above the processor priority, else -1.
//
//go:nosplit
func (s *State) Highest() int {
	irr := top(&s.IRR)
	if irr == 0 || s.Base&BaseEnable == 0 || irr>>4 <= s.PPR()>>4 {
		return -1
	}
	return int(irr)
}

// Waiting reports whether a vector is requested, whatever the priorities.
//
//go:nosplit
func (s *State) Waiting() bool { return s.IRR[0]|s.IRR[1]|s.IRR[2]|s.IRR[3] != 0 }

// Accept takes vec from requested to in service, when the entry that injects it is
// committed. It may be cut short at any instruction and begun again.
//
//go:nosplit
func (s *State) Accept(vec uint64) {
	atomic.OrUint64(&s.ISR[vec>>6&3], 1<<(vec&63))
	atomic.AndUint64(&s.IRR[vec>>6&3], ^(uint64(1) << (vec & 63)))
}

// Request requests a vector, at once and from any processor. False: the APIC did
// not take it (disabled, or no vector for interrupts).
//
//go:nosplit
func (s *State) Request(vec uint64, level bool) bool {
	if !s.Enabled() {
		return false
	}
	if vec &= 0xff; vec < firstVector {
		atomic.OrUint64(&s.Errors, ErrReceiveIllegal)
		return false
	}
	if level {
		atomic.OrUint64(&s.TMR[vec>>6&3], 1<<(vec&63))
	} else if s.TMR[vec>>6&3]&(1<<(vec&63)) != 0 {
		atomic.AndUint64(&s.TMR[vec>>6&3], ^(uint64(1) << (vec & 63)))
	}
	atomic.OrUint64(&s.IRR[vec>>6&3], 1<<(vec&63))
	return true
}

// Note is Request as part of an exit: at most two entries of t.
//
//go:nosplit
func (s *State) Note(t *tx.Log, vec uint64, level bool) bool {
	if !s.Enabled() {
		return false
	}
	if vec &= 0xff; vec < firstVector {
		t.Or(&s.Errors, ErrReceiveIllegal)
		return false
	}
	if set := s.TMR[vec>>6&3]&(1<<(vec&63)) != 0; level && !set {
		t.Or(&s.TMR[vec>>6&3], 1<<(vec&63))
	} else if !level && set {
		t.Clear(&s.TMR[vec>>6&3], 1<<(vec&63))
	}
	t.Or(&s.IRR[vec>>6&3], 1<<(vec&63))
	return true
}

// WriteEOI ends the highest interrupt in service.
//
//go:nosplit
func (s *State) WriteEOI(t *tx.Log) Effect {
	vec := top(&s.ISR)
	if vec == 0 {
		return Effect{}
	}
	t.Clear(&s.ISR[vec>>6&3], 1<<(vec&63))
	if s.TMR[vec>>6&3]&(1<<(vec&63)) == 0 {
		return Effect{}
	}
	return Effect{Kind: EOI, Vector: uint8(vec)}
}

// ReadCR8 reads CR8.
//
//go:nosplit
func (s *State) ReadCR8() uint64 { return s.TPR >> 4 }

// WriteCR8 writes CR8; false asks for #GP.
//
//go:nosplit
func (s *State) WriteCR8(t *tx.Log, val uint64) bool {
	if val > 15 {
		return false
	}
	t.Set(&s.TPR, val<<4)
	return true
}
