package personality

// The runtime waits for files by epoll; it has none, but sleeps there until a
// timer is due or another thread writes to its event file.
const (
	fdPoll  = 4
	fdEvent = 5
)

var (
	events    uint64 // writes to the event file since it was read
	eventData uint64 // what the runtime asked to be told
)

// pollWait answers epoll_pwait.
//
//go:nosplit
func pollWait(fr *Frame) {
	lock()
	if events != 0 {
		report(fr.RSI)
		unlock()
		fr.RAX = 1
		return
	}
	fr.RAX = 0
	ms := int32(fr.R10)
	if ms == 0 {
		unlock()
		return
	}
	deadline := uint64(0)
	if ms > 0 {
		deadline = Now() + uint64(ms)*1e6
	}
	block(fr, forEvent, fr.RSI, deadline)
}

// report writes one struct epoll_event: readable.
//
//go:nosplit
func report(buf uint64) {
	st32(buf, 1)
	st64(buf+4, eventData)
}

// eventWrite wakes the thread that polls.
//
//go:nosplit
func eventWrite() {
	lock()
	events++
	for i := uint64(0); i < used; i++ {
		if t := at(i); t.State == Waiting && t.wait == forEvent {
			report(t.word)
			wake(t, 1)
			break
		}
	}
	unlock()
}
