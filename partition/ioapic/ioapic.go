// Package ioapic is a partition's I/O APIC.
//
// The one idea: a pin's state says at any moment how the physical line behind
// it must be programmed, so that programming is a function of kept state that
// may be done again at any time.
//
// A State is kept state: saving it is copying it. What the guest writes and
// what interrupts set are different words, so neither overwrites the other.
// The registers follow Intel's 82093AA data sheet and, for the EOI register,
// those of later chipsets (version 0x20).
package ioapic

import "perdure/partition/tx"

// MaxPins is the most pins that an I/O APIC can have: its index register has
// eight bits.
const MaxPins = 120

// State is one I/O APIC.
type State struct {
	ID     uint64 // as software last wrote it
	Pins   uint64 // how many
	GSI    uint64 // global system interrupt of pin 0
	Select uint64 // the index register

	Low  [MaxPins]uint64 // redirection entries as software wrote them, bits 31:0
	High [MaxPins]uint64 // and bits 63:32

	Remote [4]uint64 // pins whose remote IRR is set: accepted, no EOI yet
	Line   [4]uint64 // pins that a virtual device holds asserted
	Backed [4]uint64 // pins with a physical line behind them
}

// Bits of a redirection entry.
const (
	rteVector  = 0xff
	rteMode    = 7 << 8
	rteLogical = 1 << 11
	rteLow     = 1 << 13 // active low
	rteRemote  = 1 << 14
	rteLevel   = 1 << 15
	rteMasked  = 1 << 16

	rteWritable = rteVector | rteMode | rteLogical | rteLow | rteLevel | rteMasked
)

// Delivery modes of an entry.
const (
	modeFixed  = 0
	modeLowest = 1
	modeNMI    = 4
	modeINIT   = 5
)

// Reset puts s into its state after reset. Pins with a physical line are
// declared afterwards, by Back.
//
//go:nosplit
func (s *State) Reset(id, pins, gsi uint64) {
	s.ID, s.Pins, s.GSI, s.Select = id, min(pins, MaxPins), gsi, 0
	for i := range s.Low {
		s.Low[i], s.High[i] = rteMasked, 0
	}
	s.Remote, s.Line, s.Backed = [4]uint64{}, [4]uint64{}, [4]uint64{}
}

// Back declares that a pin has a physical line behind it.
//
//go:nosplit
func (s *State) Back(pin uint64) { s.Backed[pin>>6&3] |= 1 << (pin & 63) }

// Message is an interrupt on its way to local APICs.
type Message struct {
	Vector  uint8
	Mode    uint8 // delivery mode, as lapic.Mode
	Logical bool
	Level   bool
	Dest    uint8
}

// Line is how the physical line behind a pin must be programmed. Vector and
// processor are the hypervisor's choice.
type Line struct {
	Masked    bool
	Level     bool
	ActiveLow bool
}

// Physical returns how the line behind a pin must be programmed now. A level
// line is masked from its interrupt to the guest's EOI.
//
//go:nosplit
func (s *State) Physical(pin uint64) Line {
	if pin >= MaxPins {
		return Line{Masked: true}
	}
	low := s.Low[pin]
	level := low&rteLevel != 0
	return Line{
		Masked:    !deliverable(low) || level && s.has(&s.Remote, pin),
		Level:     level,
		ActiveLow: low&rteLow != 0,
	}
}

// Destination returns whom a pin interrupts, as its entry says, in the form
// that a local APIC compares with itself: all ones is everybody.
//
//go:nosplit
func (s *State) Destination(pin uint64) (dest uint32, logical bool) {
	if pin >= MaxPins {
		return 0, false
	}
	dest, logical = uint32(s.High[pin]>>24), s.Low[pin]&rteLogical != 0
	if dest == 0xff && !logical {
		dest = 0xffffffff
	}
	return dest, logical
}

// deliverable reports whether an entry lets interrupts through. ExtINT is the
// 8259's, which never interrupts.
//
//go:nosplit
func deliverable(low uint64) bool {
	if low&rteMasked != 0 {
		return false
	}
	switch low & rteMode >> 8 {
	case modeFixed, modeLowest:
		return low&rteVector >= 16
	case modeNMI, modeINIT:
		return true
	}
	return false
}

// message builds what an entry sends. NMI and INIT are edges whatever it says.
//
//go:nosplit
func message(low, high uint64) Message {
	return Message{
		Vector:  uint8(low),
		Mode:    uint8(low >> 8 & 7),
		Logical: low&rteLogical != 0,
		Level:   level(low),
		Dest:    uint8(high >> 24),
	}
}

// level reports whether an entry waits for an EOI.
//
//go:nosplit
func level(low uint64) bool { return low&rteLevel != 0 && low&rteMode>>8 <= modeLowest }

//go:nosplit
func (s *State) has(set *[4]uint64, pin uint64) bool { return set[pin>>6&3]>>(pin&63)&1 != 0 }

// send delivers a pin's interrupt if it may be delivered now.
//
//go:nosplit
func (s *State) send(t *tx.Log, pin uint64) (Message, bool) {
	low := s.Low[pin]
	if !deliverable(low) {
		return Message{}, false
	}
	if level(low) {
		if s.has(&s.Remote, pin) {
			return Message{}, false
		}
		t.Or(&s.Remote[pin>>6&3], 1<<(pin&63))
	}
	return message(low, s.High[pin]), true
}
