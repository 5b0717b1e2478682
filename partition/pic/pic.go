// Package pic is the pair of 8259 interrupt controllers that a PC still shows.
//
// The one idea: it can be found and programmed, and never interrupts; a
// partition's interrupts come through its I/O APIC.
//
// A State is kept state: saving it is copying it. Registers follow the data
// sheet of the 8259A.
package pic

import "perdure/partition/tx"

// State is both controllers, one word each: master, slave.
type State struct {
	Chip [2]uint64 // at the shifts below
	Edge uint64    // edge/level control of both, 16 bits
}

// What a word of State.Chip holds.
const (
	maskShift = 0  // interrupt mask register
	baseShift = 8  // ICW2: vector base
	stepShift = 16 // which initialisation word comes next: 0 none, 2, 3, 4
	icw1Shift = 24 // ICW1
)

// Ports.
const (
	portMaster = 0x20
	portSlave  = 0xa0
	portEdge   = 0x4d0
)

// Bits of commands.
const (
	icw1Init   = 0x10 // this is ICW1
	icw1Four   = 1    // ICW4 comes
	icw1Single = 2    // ICW3 does not come
)

// edgeBits are the lines that can be made level-triggered: not the timer, the
// keyboard, the cascade, the clock and the coprocessor.
const edgeBits = 0xdef8

// Reset puts s into its state after the firmware has run: all lines masked.
//
//go:nosplit
func (s *State) Reset() {
	s.Chip[0], s.Chip[1], s.Edge = 0xff, 0xff, 0
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

// Read reads a port. Nothing is ever requested or in service; a poll finds none.
//
//go:nosplit
func (s *State) Read(port uint16) uint8 {
	if port&^1 == portEdge {
		return uint8(s.Edge >> (port & 1 * 8))
	}
	if port&1 != 0 {
		return uint8(get(s.Chip[port>>7&1], maskShift))
	}
	return 0
}

// Write writes a port.
//
//go:nosplit
func (s *State) Write(t *tx.Log, port uint16, val uint8) {
	v := uint64(val)
	if port&^1 == portEdge {
		sh := uint(port & 1 * 8)
		t.Set(&s.Edge, (s.Edge&^(0xff<<sh)|v<<sh)&edgeBits)
		return
	}
	p := &s.Chip[port>>7&1]
	w := *p
	switch {
	case port&1 == 0 && v&icw1Init != 0: // ICW1 starts over: no line is masked
		w = put(put(put(w, icw1Shift, v), stepShift, 2), maskShift, 0)
	case port&1 == 0: // OCW2 and OCW3: there is nothing to end and nothing to show
		return
	default:
		w = data(w, v)
	}
	if w != *p {
		t.Set(p, w)
	}
}

// data writes the data port: the next initialisation word, or the mask.
//
//go:nosplit
func data(w, v uint64) uint64 {
	icw1 := get(w, icw1Shift)
	next := uint64(0)
	switch get(w, stepShift) {
	case 2:
		w = put(w, baseShift, v&0xf8)
		if icw1&icw1Single == 0 {
			next = 3
		} else if icw1&icw1Four != 0 {
			next = 4
		}
	case 3:
		if icw1&icw1Four != 0 {
			next = 4
		}
	case 4:
	default:
		return put(w, maskShift, v)
	}
	return put(w, stepShift, next)
}
