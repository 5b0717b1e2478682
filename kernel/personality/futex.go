package personality

// futex waits on a word, or wakes those who do.
//
//go:nosplit
func futex(fr *Frame) {
	lock()
	if fr.RSI&0x7f == 0 { // FUTEX_WAIT
		if ld32(fr.RDI) != uint32(fr.RDX) {
			unlock()
			fr.RAX = errno(eAgain)
			return
		}
		deadline := uint64(0)
		if fr.R10 != 0 {
			deadline = Now() + span(fr.R10)
		}
		fr.RAX = 0
		block(fr, forFutex, fr.RDI, deadline)
		return
	}
	n := uint64(0)
	for i := uint64(0); i < used && n < fr.RDX; i++ {
		if t := at(i); t.State == Waiting && t.wait == forFutex && t.word == fr.RDI {
			wake(t, 0)
			n++
		}
	}
	unlock()
	fr.RAX = n
}

// span returns a struct timespec in nanoseconds.
//
//go:nosplit
func span(a uint64) uint64 { return ld64(a)*1e9 + ld64(a+8) }

// nanosleep waits for a time.
//
//go:nosplit
func nanosleep(fr *Frame) {
	fr.RAX = 0
	lock()
	block(fr, forTime, 0, Now()+span(fr.RDI))
}
