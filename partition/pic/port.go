package pic

import "perdure/partition/tx"

// Bits of commands.
const (
	icw1Init   = 0x10 // this is ICW1
	icw1Four   = 1    // ICW4 comes
	icw1Single = 2    // ICW3 does not come

	icw4Auto   = 2
	icw4Nested = 0x10

	ocw3      = 8 // this is OCW3
	ocw3Poll  = 4
	ocw3Show  = 2 // bit 0 says what reads show
	ocw3Mask  = 0x40
	ocw3MaskV = 0x20
)

// Commands of OCW2, its bits 7:5.
const (
	ocw2NoRotate   = 0 // no rotation with automatic ends
	ocw2End        = 1
	ocw2EndLine    = 3
	ocw2Rotate     = 4 // rotation with automatic ends
	ocw2EndRotate  = 5
	ocw2Lowest     = 6
	ocw2LineRotate = 7
)

// Read reads a port.
//
//go:nosplit
func (s *State) Read(t *tx.Log, port uint16) uint8 {
	if port&^1 == portEdge {
		return uint8(s.Edge >> (port & 1 * 8))
	}
	chip := int(port >> 7 & 1)
	w := s.Chip[chip]
	switch flags := get(w, flagShift); {
	case flags&flagPoll != 0:
		return s.poll(t, chip)
	case port&1 != 0:
		return uint8(get(w, maskShift))
	case flags&flagISR != 0:
		return uint8(get(w, isrShift))
	}
	return uint8(s.requests(chip))
}

// poll is an acknowledgement by a read: the line, and bit 7 if there is one.
//
//go:nosplit
func (s *State) poll(t *tx.Log, chip int) uint8 {
	w := s.Chip[chip&1]
	w = put(w, flagShift, get(w, flagShift)&^flagPoll)
	irq := s.next(chip)
	if irq >= 0 {
		w = taken(w, uint64(irq))
	}
	t.Set(&s.Chip[chip&1], w)
	if irq < 0 {
		return 0
	}
	return 0x80 | uint8(irq)
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
	case port&1 != 0:
		w = data(w, v)
	case v&icw1Init != 0: // starts over: no line is masked, none waits, none is served
		w = v<<icw1Shift | 2<<stepShift | 7<<lowShift | w&(0xff<<baseShift)
	case v&ocw3 != 0:
		w = put(w, flagShift, show(get(w, flagShift), v))
	default:
		w = end(w, v)
	}
	if w != *p {
		t.Set(p, w)
	}
}

// data writes the data port: the next initialisation word, or the mask.
//
//go:nosplit
func data(w, v uint64) uint64 {
	step := get(w, stepShift)
	if step == 0 {
		return put(w, maskShift, v)
	}
	icw1 := get(w, icw1Shift)
	next := uint64(0)
	switch step {
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
		flags := uint64(0)
		if v&icw4Auto != 0 {
			flags |= flagAuto
		}
		if v&icw4Nested != 0 {
			flags |= flagNested
		}
		w = put(w, flagShift, flags)
	}
	return put(w, stepShift, next)
}

// show is OCW3: flags after it.
//
//go:nosplit
func show(flags, v uint64) uint64 {
	if v&ocw3Poll != 0 {
		flags |= flagPoll
	}
	if v&ocw3Show != 0 {
		flags = flags&^flagISR | v&1*flagISR
	}
	if v&ocw3Mask != 0 {
		flags &^= flagSpecial
		if v&ocw3MaskV != 0 {
			flags |= flagSpecial
		}
	}
	return flags
}

// end is OCW2: the end of an interrupt, and who has the lowest priority.
//
//go:nosplit
func end(w, v uint64) uint64 {
	isr, irq, command := get(w, isrShift), v&7, v>>5
	switch command {
	case ocw2NoRotate, ocw2Rotate:
		return put(w, flagShift, get(w, flagShift)&^flagRotate|command>>2*flagRotate)
	case ocw2Lowest:
		return put(w, lowShift, irq)
	case ocw2End, ocw2EndRotate:
		n := rank(w, isr)
		if n == 8 {
			return w
		}
		irq = uint64(line(w, n))
	case ocw2EndLine, ocw2LineRotate:
	default:
		return w
	}
	w = put(w, isrShift, isr&^(1<<irq))
	if command&4 != 0 {
		w = put(w, lowShift, irq)
	}
	return w
}
