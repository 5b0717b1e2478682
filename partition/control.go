package partition

import (
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"perdure/kernel/console"
	"perdure/mm"
	"perdure/mm/kept"
)

// Control is the control goroutine: it does what takes long, allocates or wants
// library code, in steps, whenever a dispatcher lets it. It may be lost at any
// time; its work is in kept state and it begins again.
func Control() {
	debug.SetPanicOnFault(true)
	for range wake {
		for again := true; again; again = wanted() {
			for w := take(); w != 0; w = take() {
				this().Watch.Lent = 1 // the collector may have put its dispatcher aside
				work(w)
				Breathe()
			}
			called.Store(false)
		}
	}
}

// wake makes the control goroutine runnable on the processor that sends: one
// that waits in another processor's queue would wait for that one's guest.
var wake = make(chan struct{}, 1)

// called: the control goroutine has been woken and has not run out of work since.
// As long as that is so, processors with nothing to run lend themselves to it,
// and to the collector, which it may wait for; the others do now and then: the
// scheduler may have put it behind their dispatchers.
var called atomic.Bool

// take returns the work that is to be done, and forgets it.
func take() uint64 { return atomic.SwapUint64(&tab.Host.Work, 0) }

// wanted reports whether the caller must wake the control goroutine.
//
//go:nosplit
func wanted() bool {
	return atomic.LoadUint64(&tab.Host.Work) != 0 && !called.Swap(true)
}

// work does what the bits of w ask for.
func work(w uint64) {
	defer func() {
		if r := recover(); r != nil {
			drop()
			console.Errs("control work failed: " + text(r))
			redo(w)
		}
	}()
	if w&WorkDecode != 0 {
		each(VPDecode, func(v *VP) {
			Decode(&v.Insn)
			spent += leavesDecode
			v.resume()
		})
	}
	if w&WorkCall != 0 {
		each(VPCall, serveCall)
	}
	if w&WorkBoot != 0 {
		bootRoot()
		spent += leavesBoot
	}
	if w&WorkLife != 0 {
		lives()
		spent += leavesLife
	}
	if w&WorkReport != 0 {
		report()
	}
	if w&WorkRestart != 0 {
		spent += restarts()
	}
	if w&WorkRepair != 0 {
		repairSets()
	}
	if w&WorkScrub != 0 {
		scrubSome()
	}
	if w&WorkInput != 0 {
		console.Serve()
	}
	if w&failing.work != 0 {
		failing.work, failing.times = 0, 0
	}
	if spent >= collectAfter && atomic.LoadUint64(&meeting.state) == meetNone { // the collector would wait for those who wait
		collect()
	}
}

// drop opens the locks that the control goroutine may have had when a fault of ours ended
// what it did. A failstop makes the runtime take what lies on the stack for a caller: what
// was deferred to open them may have been left out.
func drop() {
	for _, open := range locks {
		open()
	}
}

var locks = []func(){console.Drop, mm.Drop, kept.Unlock}

// failing is the work that a fault of ours has ended, and how often in a row.
var failing struct{ work, times uint64 }

// redo asks for work once more that has ended like that; not for ever.
func redo(w uint64) {
	if failing.times++; failing.times <= maxUnwound {
		failing.work |= w
		atomic.OrUint64(&tab.Host.Work, w)
	}
}

// each calls f for every VP in a state.
func each(s VPState, f func(*VP)) {
	for i := uint64(0); i < tab.Host.VPs; i++ {
		if v := &tab.VPs[i]; v.State == s {
			f(v)
		}
	}
}

// resume gives v back to its dispatcher.
func (v *VP) resume() {
	v.State = VPRun
	v.kick()
}

// What the pieces of work leave on the heap, in objects at most; GC is off but
// for collect.
const (
	leavesCall    = 4
	leavesCheck   = 64
	leavesDecode  = 8
	leavesLife    = 16
	leavesRestart = 64
	leavesBoot    = collectAfter
	collectAfter  = 1 << 14
)

// spent counts the objects since the last collection.
var spent int

// collecting: the collector may make processors wait.
var collecting atomic.Bool

// collect runs the garbage collector, now that a good deal may have gathered
// and the work is done that brought us here.
func collect() {
	spent = 0
	collecting.Store(true)
	runtime.GC()
	collecting.Store(false)
}
