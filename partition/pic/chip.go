package pic

// requests returns the lines of a chip that ask: edges that wait, levels that are
// held, and the slave.
//
//go:nosplit
func (s *State) requests(chip int) uint64 {
	if chip == slave {
		return s.inputs(slave)
	}
	r := s.inputs(master)
	if next(s.Chip[slave], s.inputs(slave), 0) >= 0 {
		r |= 1 << cascade
	}
	return r
}

// inputs returns what asks at a chip's own pins.
//
//go:nosplit
func (s *State) inputs(chip int) uint64 {
	return get(s.Chip[chip&1], irrShift) | s.Edge&s.Line>>(uint(chip)*8&15)&0xff
}

// next returns the line that a chip would interrupt for now, −1 if for none.
//
//go:nosplit
func (s *State) next(chip int) int {
	nested := uint64(0)
	if chip == master {
		nested = 1 << cascade
	}
	return next(s.Chip[chip&1], s.requests(chip), nested)
}

// next does it for a chip's word: of the lines that ask. In special fully nested
// mode the lines in nested do not wait for themselves.
//
//go:nosplit
func next(w, asks, nested uint64) int {
	if get(w, stepShift) != 0 {
		return -1 // it is being initialised
	}
	mask, flags := get(w, maskShift), get(w, flagShift)
	busy := get(w, isrShift)
	if flags&flagSpecial != 0 {
		busy &^= mask
	}
	if flags&flagNested != 0 {
		busy &^= nested
	}
	n := rank(w, asks&^mask)
	if n >= rank(w, busy) {
		return -1
	}
	return line(w, n)
}

// rank returns how many lines have a higher priority than the first one of set;
// 8: set is empty.
//
//go:nosplit
func rank(w, set uint64) uint64 {
	for n := uint64(0); n < 8; n++ {
		if set>>(uint(line(w, n))&7)&1 != 0 {
			return n
		}
	}
	return 8
}

// line returns the line of a priority, 0 being the highest.
//
//go:nosplit
func line(w, rank uint64) int { return int((get(w, lowShift) + 1 + rank) & 7) }

// taken returns a chip's word after the interrupt of a line was acknowledged.
//
//go:nosplit
func taken(w, irq uint64) uint64 {
	bit := uint64(1) << (irq & 7)
	w = put(w, irrShift, get(w, irrShift)&^bit)
	flags := get(w, flagShift)
	switch {
	case flags&flagAuto == 0:
		w = put(w, isrShift, get(w, isrShift)|bit)
	case flags&flagRotate != 0:
		w = put(w, lowShift, irq&7)
	}
	return w
}
