package console

// Registers of a 16550, by offset from its first port, and their bits. Data
// sheet of the PC16550D.
const (
	regData = 0
	regIER  = 1
	regIIR  = 2
	regFCR  = 2
	regLCR  = 3
	regMCR  = 4
	regLSR  = 5
	regSCR  = 7

	ierData = 1
	ierTHRE = 2

	iirNone = 1

	fcrClear = 7 // enable, clear both

	lcr8N1  = 3
	lcrDLAB = 0x80

	mcrOn = 0xb // DTR, RTS, OUT2: the last lets interrupts out

	lsrData  = 1
	lsrEmpty = 0x20

	fifoSize = 16
	clock    = 115200
)

var (
	port      uint16 // first port; 0: there is no UART
	interrupt bool   // the UART may interrupt
	armed     bool   // it interrupts when it can take bytes
)

// Start takes the 16550 at the given port into use and reports whether there is
// one. Without one everything still goes to the log.
//
//go:nosplit
func Start(base uint16, baud uint32) bool {
	port = 0
	out(base+regSCR, 0x5a)
	if in(base+regSCR) != 0x5a || baud == 0 {
		return false
	}
	div := clock / baud
	out(base+regIER, 0)
	out(base+regLCR, lcr8N1|lcrDLAB)
	out(base+regData, uint8(div))
	out(base+regIER, uint8(div>>8))
	out(base+regLCR, lcr8N1)
	out(base+regFCR, fcrClear)
	out(base+regMCR, mcrOn)
	port, interrupt, armed = base, false, false
	return true
}

// UseInterrupts tells that the UART's interrupts arrive and Interrupt is called
// for each, so that nobody waits for the line any more. Repairing after a reset
// is calling it again.
//
//go:nosplit
func UseInterrupts() {
	s := lock()
	prompt = false
	if port != 0 {
		interrupt, armed = true, false
		out(port+regMCR, mcrOn)
		out(port+regIER, ierData)
		s.pump()
	}
	unlock()
}

// Interrupt serves the UART until it asks for nothing: its line must fall, or
// there is no next edge.
//
//go:nosplit
func Interrupt() {
	s := lock()
	for n := 0; n < 8 && port != 0 && in(port+regIIR)&iirNone == 0; n++ {
		s.serve()
	}
	unlock()
}

// Poll is Interrupt for a UART that does not interrupt.
//
//go:nosplit
func Poll() {
	s := lock()
	s.serve()
	unlock()
}

// serve takes what was typed and sends what waits.
//
//go:nosplit
func (s *State) serve() {
	s.listen()
	s.show(rdtsc())
	s.pump()
}

// pump gives the UART what it can take now, and asks it for an interrupt when
// there is more.
//
//go:nosplit
func (s *State) pump() {
	if port == 0 {
		s.OutHead = s.OutTail
		return
	}
	if s.OutHead != s.OutTail && in(port+regLSR)&lsrEmpty != 0 {
		for n := 0; n < fifoSize && s.OutHead != s.OutTail; n++ {
			out(port+regData, s.Out[s.OutHead%outSize])
			s.OutHead++
		}
	}
	if more := s.OutHead != s.OutTail; interrupt && more != armed {
		armed = more
		if more {
			out(port+regIER, ierData|ierTHRE)
		} else {
			out(port+regIER, ierData)
		}
	}
}

// listen takes what was typed.
//
//go:nosplit
func (s *State) listen() {
	if port == 0 {
		return
	}
	for n := 0; n < 2*fifoSize; n++ {
		if st := in(port + regLSR); st&lsrData == 0 || st == 0xff {
			return
		}
		s.key(in(port + regData))
	}
}
