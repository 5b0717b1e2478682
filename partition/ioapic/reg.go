package ioapic

import "perdure/partition/tx"

// Offsets in the I/O APIC's page, and its indexed registers.
const (
	offSelect = 0x00
	offWindow = 0x10
	offEOI    = 0x40

	regID          = 0
	regVersion     = 1
	regArbitration = 2
	regEntry       = 0x10 // two for each pin

	version = 0x20
)

// Kind says what an Effect asks of the caller.
type Kind uint8

// Kinds of Effect.
const (
	None Kind = iota // nothing
	Pin              // pin Effect.Pin's entry changed: if Backed, program its line; if Deliver, deliver Message
	EOI              // the guest ended Vector here: call EOI, as for one from a local APIC
)

// Effect is what a write means for others. The zero Effect asks for nothing.
type Effect struct {
	Kind    Kind
	Vector  uint8
	Backed  bool
	Deliver bool
	Pin     uint64
	Message Message
}

// Read reads the four bytes at an offset into the page.
//
//go:nosplit
func (s *State) Read(off uint32) uint32 {
	switch off {
	case offSelect:
		return uint32(s.Select)
	case offWindow:
		return s.register(s.Select)
	}
	return 0
}

// register reads an indexed register.
//
//go:nosplit
func (s *State) register(n uint64) uint32 {
	switch n {
	case regID, regArbitration:
		return uint32(s.ID & 0xf << 24)
	case regVersion:
		return uint32(version | (s.Pins-1)<<16)
	}
	pin := (n - regEntry) >> 1
	if n < regEntry || pin >= s.Pins || pin >= MaxPins {
		return 0xffffffff
	}
	if n&1 != 0 {
		return uint32(s.High[pin])
	}
	low := uint32(s.Low[pin])
	if s.has(&s.Remote, pin) {
		low |= rteRemote
	}
	return low
}

// Write writes the four bytes at an offset into the page.
//
//go:nosplit
func (s *State) Write(t *tx.Log, off, val uint32) Effect {
	switch off {
	case offSelect:
		t.Set(&s.Select, uint64(val&0xff))
	case offWindow:
		return s.write(t, s.Select, uint64(val))
	case offEOI:
		return Effect{Kind: EOI, Vector: uint8(val)}
	}
	return Effect{}
}

// write writes an indexed register.
//
//go:nosplit
func (s *State) write(t *tx.Log, n, val uint64) Effect {
	if n == regID {
		t.Set(&s.ID, val>>24&0xf)
		return Effect{}
	}
	pin := (n - regEntry) >> 1
	if n < regEntry || pin >= s.Pins || pin >= MaxPins {
		return Effect{}
	}
	if n&1 != 0 {
		t.Set(&s.High[pin], val&0xff000000)
		return Effect{Kind: Pin, Pin: pin, Backed: s.has(&s.Backed, pin)}
	}
	return s.writeLow(t, pin, val&rteWritable)
}

// writeLow writes the low half of an entry. Making the pin an edge pin clears
// its remote IRR, which is how software ends an interrupt without an EOI. A
// virtual line that is asserted when its level pin opens interrupts.
//
//go:nosplit
func (s *State) writeLow(t *tx.Log, pin, low uint64) Effect {
	t.Set(&s.Low[pin], low)
	e := Effect{Kind: Pin, Pin: pin, Backed: s.has(&s.Backed, pin)}
	remote := s.has(&s.Remote, pin)
	if remote && !level(low) {
		t.Clear(&s.Remote[pin>>6&3], 1<<(pin&63))
	}
	if !remote && level(low) && deliverable(low) && s.has(&s.Line, pin) {
		t.Or(&s.Remote[pin>>6&3], 1<<(pin&63))
		e.Deliver = true
		e.Message = message(low, s.High[pin])
	}
	return e
}
