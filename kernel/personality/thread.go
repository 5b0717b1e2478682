package personality

import "sync/atomic"

// MaxThreads is the most threads that the runtime may make; a power of two.
const MaxThreads = 128

// State is what a thread is doing.
type State uint32

// States of a thread. The zero value is a free slot.
const (
	Free     State = iota
	Runnable       // waits for a processor
	Running        // on a processor
	Waiting        // for a futex, an event or a time
	Never          // accepted and never run: the runtime's monitor
)

// What a waiting thread waits for.
const (
	forFutex = 1 + iota
	forTime
	forEvent
)

// Thread is one thread of the runtime; it is switched only where it waits.
type Thread struct {
	frame    Frame
	fs       uint64
	State    State
	wait     uint32
	cpu      uint64 // where it runs, or ran last
	word     uint64 // address of the futex, or of the event buffer
	deadline uint64 // in nanoseconds, 0 none
	stack    uint64 // signal stack: base, size
	size     uint64
	mask     uint64
	pending  uint64 // signals
	turn     uint64 // when it was last put on a processor
}

var (
	threads [MaxThreads]Thread
	current [Processors]uint64 // thread on each processor, plus 1; 0 none
	idle    [Processors]uint32 // the processor is looking for a thread
	tickets uint32             // the lock over all of this package's state: next ticket,
	serving uint32             // and whose turn it is
	used    uint64             // slots ever used
	turns   uint64
)

// lock waits for its turn. Turns are in order: with a lock that anybody could
// take, processors that looked for a thread in step kept one that had something
// to say from it for ever.
//
//go:nosplit
func lock() {
	turn := atomic.AddUint32(&tickets, 1) - 1
	for atomic.LoadUint32(&serving) != turn {
		Relax()
	}
}

//go:nosplit
func unlock() { atomic.AddUint32(&serving, 1) }

// running returns the thread of the processor that calls.
//
//go:nosplit
func running() *Thread { return at(current[Processor()&(Processors-1)] - 1) }

// First makes the state that the processor is in the first thread.
//
//go:nosplit
func First(fs uint64) {
	t := at(0)
	t.State = Running
	t.fs = fs
	used = 1
	current[Processor()&(Processors-1)] = 1
}

// wake makes a waiting thread runnable; the lock is held. If no processor looks
// for a thread, the one that it ran on last is told.
//
//go:nosplit
func wake(t *Thread, result uint64) {
	t.frame.RAX = result
	t.deadline = 0
	t.wait = 0
	t.State = Runnable
	for i := range idle {
		if idle[i] != 0 {
			return
		}
	}
	Notify(t.cpu, WhyThread)
}

// block makes the running thread wait and runs another one; the lock is held, and
// released.
//
//go:nosplit
func block(fr *Frame, wait uint32, word, deadline uint64) {
	t := running()
	t.frame = *fr
	t.wait, t.word, t.deadline = wait, word, deadline
	t.State = Waiting
	Schedule(fr)
}

// yield puts the running thread behind the other runnable ones. The runtime calls it while
// it waits for another processor.
//
//go:nosplit
func yield(fr *Frame) {
	fr.RAX = 0
	Relax()
	lock()
	t := running()
	t.frame = *fr
	t.State = Runnable
	Schedule(fr)
}

// Schedule waits for a runnable thread and makes its frame the processor's;
// the lock is held, and released. A processor's first thread comes from here too.
//
//go:nosplit
func Schedule(fr *Frame) {
	c := Processor() & (Processors - 1)
	current[c] = 0
	for {
		if i := pick(); i != 0 {
			t := at(i - 1)
			t.State = Running
			t.cpu = c
			turns++
			t.turn = turns
			current[c] = i
			*fr = t.frame
			fr.Kind = KindReturn
			FPU[c] = 0
			SetFS(t.fs)
			unlock()
			deliver(fr, t, 0)
			return
		}
		atomic.StoreUint32(&idle[c], 1)
		unlock()
		for Relax(); !ready(); Relax() {
		}
		lock()
		atomic.StoreUint32(&idle[c], 0)
	}
}

// Start runs the threads of the runtime on a processor that has none.
//
//go:nosplit
func Start(fr *Frame) {
	lock()
	Schedule(fr)
}

// pick returns, plus 1, the runnable thread that has waited longest, after
// waking those whose time has come.
//
//go:nosplit
func pick() (best uint64) {
	now := Now()
	first := ^uint64(0)
	for i := uint64(0); i < used; i++ {
		t := at(i)
		if t.State == Waiting && t.deadline != 0 && t.deadline <= now {
			t.frame.RAX = 0
			if t.wait == forFutex {
				t.frame.RAX = errno(eTimedOut)
			}
			t.deadline, t.wait, t.State = 0, 0, Runnable
		}
		if t.State == Runnable && t.turn < first {
			best, first = i+1, t.turn
		}
	}
	return best
}

// ready reports whether pick may find a thread; a look without the lock.
//
//go:nosplit
func ready() bool {
	now := Now()
	for i := uint64(0); i < atomic.LoadUint64(&used); i++ {
		t := at(i)
		s, end := atomic.LoadUint32((*uint32)(&t.State)), atomic.LoadUint64(&t.deadline)
		if State(s) == Runnable || State(s) == Waiting && end != 0 && end <= now {
			return true
		}
	}
	return false
}

// clone makes a thread. The first one is the runtime's monitor, which would
// take processors from goroutines by time: it is accepted and never run.
//
//go:nosplit
func clone(fr *Frame) {
	lock()
	for i := uint64(1); i < MaxThreads; i++ {
		t := at(i)
		if t.State != Free {
			continue
		}
		t.frame = *fr
		t.frame.RAX = 0
		t.frame.RSP = fr.RSI
		t.fs = fr.R8
		t.mask = running().mask
		t.cpu = Processor()
		t.turn = turns
		first := used == 1
		used = max(used, i+1)
		fr.RAX = i + 1
		if first {
			t.State = Never
		} else {
			wake(t, 0)
		}
		unlock()
		return
	}
	unlock()
	fr.RAX = errno(eAgain)
}

// Threads returns how many there are.
func Threads() (n int) {
	for i := range threads {
		if threads[i].State != Free {
			n++
		}
	}
	return n
}
