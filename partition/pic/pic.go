// Package pic is the pair of 8259 interrupt controllers of a PC.
//
// The one idea: each chip is one word, and everything it does is a function of
// that word and of the lines that are asserted; whoever wants to know whether
// the pair interrupts asks, so there is no output that could be forgotten.
//
// A State is kept state: saving it is copying it. Registers follow the data
// sheet of the 8259A. The slave's output is the master's line 2.
package pic

import "perdure/partition/tx"

// State is both controllers.
type State struct {
	Chip [2]uint64 // master, slave: at the shifts below
	Edge uint64    // edge/level control of both, 16 bits: 1 is level
	Line uint64    // lines that are held asserted, 16 bits
}

// What a word of State.Chip holds, eight bits each.
const (
	maskShift = 0  // interrupt mask register
	baseShift = 8  // ICW2: vector base
	stepShift = 16 // which initialisation word comes next: 0 none, 2, 3, 4
	icw1Shift = 24 // ICW1
	irrShift  = 32 // edges that wait
	isrShift  = 40 // in service
	flagShift = 48 // flag bits
	lowShift  = 56 // the line of the lowest priority
)

// Flags of a chip.
const (
	flagAuto    = 1 << iota // ICW4: an interrupt ends when it is acknowledged
	flagNested              // ICW4: special fully nested mode
	flagRotate              // OCW2: priorities rotate with each automatic end
	flagSpecial             // OCW3: special mask mode
	flagISR                 // OCW3: reads show what is in service
	flagPoll                // OCW3: the next read is a poll
	allFlags    = 1<<iota - 1
)

// Ports.
const (
	portMaster = 0x20
	portSlave  = 0xa0
	portEdge   = 0x4d0
)

// Chips, and the master's line that the slave drives.
const (
	master  = 0
	slave   = 1
	cascade = 2
)

// edgeBits are the lines that can be made level-triggered: not the timer, the
// keyboard, the cascade, the clock and the coprocessor.
const edgeBits = 0xdef8

// Reset puts s into its state after the firmware has run: all lines masked.
//
//go:nosplit
func (s *State) Reset() {
	s.Chip[master], s.Chip[slave] = 7<<lowShift|0xff, 7<<lowShift|0xff
	s.Edge, s.Line = 0, 0
}

//go:nosplit
func get(w uint64, shift uint) uint64 { return w >> (shift & 63) & 0xff }

//go:nosplit
func put(w uint64, shift uint, v uint64) uint64 {
	return w&^(0xff<<(shift&63)) | v&0xff<<(shift&63)
}

// Has reports whether port is one of s's.
//
//go:nosplit
func Has(port uint16) bool {
	return port&^1 == portMaster || port&^1 == portSlave || port&^1 == portEdge
}

// Pulse is an edge on a line.
//
//go:nosplit
func (s *State) Pulse(t *tx.Log, irq uint64) {
	t.Or(&s.Chip[irq>>3&1], 1<<(irrShift+irq&7))
}

// Assert holds a line; one that is edge-triggered gets an edge if it was not.
//
//go:nosplit
func (s *State) Assert(t *tx.Log, irq uint64) {
	bit := uint64(1) << (irq & 15)
	if s.Line&bit != 0 {
		return
	}
	t.Or(&s.Line, bit)
	if s.Edge&bit == 0 {
		s.Pulse(t, irq)
	}
}

// Deassert lets a line go.
//
//go:nosplit
func (s *State) Deassert(t *tx.Log, irq uint64) {
	if bit := uint64(1) << (irq & 15); s.Line&bit != 0 {
		t.Clear(&s.Line, bit)
	}
}

// Wants reports whether the pair asks the processor for an interrupt.
//
//go:nosplit
func (s *State) Wants() bool { return s.next(master) >= 0 }

// Acknowledge is the processor's answer to that: it takes the vector. If the
// request is gone in the meantime, it is that of line 7.
//
//go:nosplit
func (s *State) Acknowledge(t *tx.Log) uint8 {
	irq := s.next(master)
	if irq == cascade {
		n := s.next(slave)
		vec := vector(s.Chip[slave], n)
		if n >= 0 {
			t.Set(&s.Chip[slave], taken(s.Chip[slave], uint64(n)))
		}
		t.Set(&s.Chip[master], taken(s.Chip[master], cascade))
		return vec
	}
	if irq >= 0 {
		t.Set(&s.Chip[master], taken(s.Chip[master], uint64(irq)))
	}
	return vector(s.Chip[master], irq)
}

// vector returns the vector of a chip's line; of no line, that of line 7.
//
//go:nosplit
func vector(w uint64, irq int) uint8 { return uint8(get(w, baseShift)&0xf8 | uint64(irq)&7) }
