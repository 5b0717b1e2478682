package console

// wait is the part of a second that the log waits for root to end a line.
const wait = 10

// show queues the lines of the log that the serial line has not got, if now is
// the time: root's line has ended, or the wait is over. It returns the TSC value
// at which it wants to try again, 0 if it need not. now 0: not by the clock.
//
//go:nosplit
func (s *State) show(now uint64) (again uint64) {
	if s.Shown == s.LogEnd {
		return 0
	}
	if s.OutTail-s.OutHead >= logLimit {
		return 0 // there is room when the UART has taken some
	}
	if s.Column != 0 && hz != 0 {
		if s.Since == 0 {
			s.Since = now
		}
		if until := s.Since + hz/wait; now < until {
			return until
		}
	}
	s.Since = 0
	if old := oldest(s); s.Shown < old {
		s.Skipped += old - s.Shown
		s.Shown = old
	}
	fresh := s.Column == 0
	for s.Shown != s.LogEnd && s.OutTail-s.OutHead < logLimit {
		fresh = s.line(fresh)
	}
	if !fresh || s.Column == 0 {
		return 0
	}
	if s.Column > lineSize { // too long to draw again: what follows is a new line
		s.Column = 0
	}
	for i := uint64(0); i < s.Column && i < lineSize; i++ {
		s.put(s.Line[i])
	}
	return 0
}

// line queues the next line of the log, if its level is shown. fresh: the cursor
// is at the start of a line; it returns that for afterwards.
//
//go:nosplit
func (s *State) line(fresh bool) bool {
	shown := s.level(s.Shown) <= level
	if shown {
		if !fresh {
			s.puts("\r\n")
		}
		s.puts(Prefix)
		fresh = true
	}
	for s.Shown != s.LogEnd {
		b := s.Log[s.Shown%LogSize]
		s.Shown++
		if b == '\n' {
			break
		}
		if shown {
			s.put(b)
		}
	}
	if shown {
		s.puts("\r\n")
	}
	return fresh
}

// level returns the level of the log line at a position: the letter after the time.
//
//go:nosplit
func (s *State) level(at uint64) Level {
	for n := 0; n < 32 && at != s.LogEnd; n++ {
		b := s.Log[at%LogSize]
		at++
		if b == ']' {
			break
		}
	}
	switch s.Log[(at+1)%LogSize] {
	case 'n':
		return Note
	case 'e':
		return Err
	case 'w':
		return Warn
	case 'i':
		return Info
	}
	return Debug
}

// Drain moves the serial line on: the log, if it has waited long enough, and
// bytes for a UART that is ready. The dispatcher calls it at the top of its
// loop; when there is nothing to do that costs a few loads. It returns the TSC
// value at which it wants to be called again, 0 if it need not be.
//
//go:nosplit
func Drain() (again uint64) {
	if s := state; s.OutHead == s.OutTail && s.Shown == s.LogEnd {
		return 0
	}
	now := rdtsc()
	s := lock()
	again = s.show(now)
	s.pump()
	if s.OutHead != s.OutTail && !interrupt {
		again = now + hz/1024 // a FIFO is out after 1.4 ms
	}
	unlock()
	return again
}

// Flush sends everything that waits and returns when it is with the UART. It
// takes no lock, so it works whoever died.
//
//go:nosplit
func Flush() { state.flush() }

//go:nosplit
func (s *State) flush() {
	for s.Shown != s.LogEnd || s.OutHead != s.OutTail {
		s.show(^uint64(0))
		if !s.send() {
			return
		}
	}
}

// send gives the UART one FIFO of bytes, and waits until it takes them. False:
// it does not.
//
//go:nosplit
func (s *State) send() bool {
	for i := 0; port != 0 && in(port+regLSR)&lsrEmpty == 0; i++ {
		if i == 1<<16 {
			return false
		}
		pause()
	}
	s.pump()
	return true
}
