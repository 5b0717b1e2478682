package ioapic

import "perdure/partition/tx"

// Interrupt takes one physical interrupt of a pin's line. With true, the
// message goes to the guest. In either case the caller then programs the line
// as Physical says once t is applied, and only after that ends the interrupt at
// the physical local APIC: a level line that is still asserted must find itself
// masked.
//
//go:nosplit
func (s *State) Interrupt(t *tx.Log, pin uint64) (Message, bool) {
	if pin >= s.Pins || pin >= MaxPins {
		return Message{}, false
	}
	return s.send(t, pin)
}

// Assert tells that a virtual device wants an interrupt: for an edge pin each
// call is an edge, a level pin stays asserted until Deassert.
//
//go:nosplit
func (s *State) Assert(t *tx.Log, pin uint64) (Message, bool) {
	if pin >= s.Pins || pin >= MaxPins {
		return Message{}, false
	}
	if !s.has(&s.Line, pin) {
		t.Or(&s.Line[pin>>6&3], 1<<(pin&63))
	}
	return s.send(t, pin)
}

// Deassert tells that a virtual device wants none any more.
//
//go:nosplit
func (s *State) Deassert(t *tx.Log, pin uint64) {
	if pin < MaxPins && s.has(&s.Line, pin) {
		t.Clear(&s.Line[pin>>6&3], 1<<(pin&63))
	}
}

// Pulse is an edge from a virtual device that holds no line.
//
//go:nosplit
func (s *State) Pulse(t *tx.Log, pin uint64) (Message, bool) {
	if pin >= s.Pins || pin >= MaxPins || s.Low[pin]&rteLevel != 0 {
		return Message{}, false
	}
	return s.send(t, pin)
}

// Ended is what the end of an interrupt means for one pin.
type Ended struct {
	Pin     uint64  // look for the next one from Pin+1 on
	Backed  bool    // program its physical line anew
	Again   bool    // its line is still asserted: deliver Message
	Message Message // with Again
}

// EOI ends a level-triggered vector at the first pin, from the given one on,
// that waits for it. Call it until false:
//
//	for e, ok := s.EOI(t, vec, 0); ok; e, ok = s.EOI(t, vec, e.Pin+1) { … }
//
//go:nosplit
func (s *State) EOI(t *tx.Log, vector uint8, from uint64) (Ended, bool) {
	for pin := from; pin < s.Pins && pin < MaxPins; pin++ {
		w := s.Remote[pin>>6&3] >> (pin & 63)
		if w == 0 { // none in the rest of this word
			pin |= 63
			continue
		}
		if w&1 == 0 || uint8(s.Low[pin]) != vector {
			continue
		}
		e := Ended{Pin: pin, Backed: s.has(&s.Backed, pin)}
		if s.has(&s.Line, pin) && deliverable(s.Low[pin]) {
			e.Again, e.Message = true, message(s.Low[pin], s.High[pin]) // remote IRR stays set
			return e, true
		}
		t.Clear(&s.Remote[pin>>6&3], 1<<(pin&63))
		return e, true
	}
	return Ended{}, false
}
