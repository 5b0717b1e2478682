package serial

import "perdure/partition/tx"

// Read reads a register, by its offset from the base port. room: the console
// takes at least a FIFO of bytes.
//
//go:nosplit
func (s *State) Read(t *tx.Log, reg uint16, room bool) (uint8, Effect) {
	regs, flags, queued := s.Regs, s.Flags, s.queued()
	dlab := get(regs, shiftLCR)&lcrDLAB != 0
	v, after, left := uint64(0), flags, queued
	switch reg & 7 {
	case regData:
		if dlab {
			v = get(regs, shiftDLL)
		} else if queued != 0 {
			v = get(s.Ring[s.Head>>3&31], uint(s.Head&7*8))
			t.Set(&s.Head, s.Head+1)
			left--
		}
	case regIER:
		if dlab {
			v = get(regs, shiftDLM)
		} else {
			v = get(regs, shiftIER)
		}
	case regIIR:
		v = reasons(regs, flags, queued)
		if v == iirTHRE {
			after &^= FlagTHRE
			t.Clear(&s.Flags, FlagTHRE)
		}
		if get(regs, shiftFCR)&fcrEnable != 0 {
			v |= iirFIFO
		}
	case regLCR:
		v = get(regs, shiftLCR)
	case regMCR:
		v = get(regs, shiftMCR)
	case regLSR:
		if queued != 0 {
			v |= lsrData
		}
		if room || get(regs, shiftMCR)&mcrLoop != 0 {
			v |= lsrEmpty
		} else if flags&FlagWait == 0 { // others have filled the console: there will be an end of it, and an interrupt
			t.Or(&s.Flags, FlagWait)
		}
		if flags&FlagOverrun != 0 {
			v |= lsrOverrun
			after &^= FlagOverrun
			t.Clear(&s.Flags, FlagOverrun)
		}
	case regMSR:
		v = modem(get(regs, shiftMCR))
	case regSCR:
		v = get(regs, shiftSCR)
	}
	return uint8(v), Effect{High: line(regs, after, left)} // a read never makes the line rise
}

// modem returns the modem status: in loopback the modem control bits come back.
//
//go:nosplit
func modem(mcr uint64) uint64 {
	if mcr&mcrLoop == 0 {
		return msrPresent
	}
	return mcr&mcrRTS<<3 | mcr&mcrDTR<<5 | mcr&mcrOut1<<4 | mcr&mcrOut2<<4
}

// Write writes a register, by its offset from the base port. room is as for Read.
//
//go:nosplit
func (s *State) Write(t *tx.Log, reg uint16, val uint8, room bool) Effect {
	regs, flags, queued := s.Regs, s.Flags, s.queued()
	was := line(regs, flags, queued)
	e := Effect{}
	r, v := regs, uint64(val)
	dlab := get(regs, shiftLCR)&lcrDLAB != 0
	switch reg & 7 {
	case regData:
		if dlab {
			r = put(r, shiftDLL, v)
		} else if get(regs, shiftMCR)&mcrLoop != 0 {
			queued = s.loop(t, val, queued)
		} else {
			e.Send, e.Byte = true, val
			flags, was = s.sent(t, flags, room), false // the line falls between two bytes
		}
	case regIER:
		if dlab {
			r = put(r, shiftDLM, v)
		} else {
			r = put(r, shiftIER, v&ierBits)
			if v&ierTHRE != 0 && get(regs, shiftIER)&ierTHRE == 0 { // enabling while empty interrupts
				flags, was = s.sent(t, flags, room), false
			}
		}
	case regIIR:
		r = put(r, shiftFCR, v&fcrKept)
		if v&fcrEnable == 0 {
			r = put(r, shiftFCR, 0)
		}
		if v&fcrClearRX != 0 || (v^get(regs, shiftFCR))&fcrEnable != 0 {
			t.Set(&s.Head, s.Head+queued)
			queued = 0
		}
	case regLCR:
		r = put(r, shiftLCR, v)
	case regMCR:
		r = put(r, shiftMCR, v&mcrBits)
	case regSCR:
		r = put(r, shiftSCR, v)
	}
	if r != regs {
		t.Set(&s.Regs, r)
	}
	e.High = line(r, flags, queued)
	e.Rise = e.High && !was
	return e
}

// sent notes what the transmitter's state is after a byte: empty at once if
// there is room for more, else when Drained is called. It returns the flags.
//
//go:nosplit
func (s *State) sent(t *tx.Log, flags uint64, room bool) uint64 {
	if room {
		if flags&FlagTHRE == 0 {
			t.Or(&s.Flags, FlagTHRE)
		}
		return flags | FlagTHRE
	}
	if flags&FlagTHRE != 0 {
		t.Clear(&s.Flags, FlagTHRE)
	}
	t.Or(&s.Flags, FlagWait)
	return flags &^ FlagTHRE
}

// loop sends a byte to the UART's own receiver, and returns how many bytes wait
// there then.
//
//go:nosplit
func (s *State) loop(t *tx.Log, val uint8, queued uint64) uint64 {
	size := uint64(1)
	if get(s.Regs, shiftFCR)&fcrEnable != 0 {
		size = fifoSize
	}
	if queued >= size {
		t.Or(&s.Flags, FlagOverrun)
		return queued
	}
	tail := s.Tail
	w := &s.Ring[tail>>3&31]
	t.Set(w, put(*w, uint(tail&7*8), uint64(val)))
	t.Set(&s.Tail, tail+1)
	return queued + 1
}
