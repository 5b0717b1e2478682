package console

//go:nosplit
func (s *State) logs(t string) {
	for i := 0; i < len(t); i++ {
		s.log(t[i])
	}
}

// stamp begins a line of the log: "[    1.234567] info ".
//
//go:nosplit
func (s *State) stamp(ticks uint64, l Level) {
	sec, usec := uint64(0), uint64(0)
	if hz != 0 {
		sec, usec = ticks/hz, ticks%hz*1000000/hz
	}
	s.log('[')
	for d := uint64(10000); d > 1 && sec < d; d /= 10 {
		s.log(' ')
	}
	s.dec(sec, 1)
	s.log('.')
	s.dec(usec, 100000)
	s.log(']')
	s.log(' ')
	s.logs(l.String())
	s.log(' ')
}

// dec adds v to the log, with all digits from unit down.
//
//go:nosplit
func (s *State) dec(v, unit uint64) {
	for v/unit >= 10 {
		unit *= 10
	}
	for ; unit > 0; unit /= 10 {
		s.log(byte('0' + v/unit%10))
	}
}
