package partition

import (
	"runtime"
	"sync/atomic"

	"perdure/kernel/console"
)

// Control is the control goroutine: it does what takes long, allocates or wants
// library code, in steps, whenever a dispatcher lets it. It may be lost at any
// time; its work is in kept state and it begins again.
func Control() {
	for range wake {
		called.Store(false)
		if w := atomic.SwapUint64(&tab.Host.Work, 0); w != 0 {
			work(w)
		}
	}
}

// wake makes the control goroutine runnable on the processor that sends: one
// that waits in another processor's queue would wait for that one's guest.
var wake = make(chan struct{}, 1)

// called: the control goroutine has been woken and has not looked for work since.
var called atomic.Bool

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
			console.Errs("control work failed: " + text(r))
		}
	}()
	if w&WorkDecode != 0 {
		each(VPDecode, func(v *VP) {
			Decode(&v.Insn)
			v.resume()
		})
	}
	if w&WorkCall != 0 {
		each(VPCall, serveCall)
	}
	if w&WorkBoot != 0 {
		bootRoot()
	}
	if w&WorkReport != 0 {
		report()
	}
	if w&WorkInput != 0 {
		console.Serve()
	}
	if w&WorkTick != 0 {
		tick()
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

// tick is what happens from time to time.
func tick() {
	if since := collectable; since >= collectAfter {
		collectable = 0
		runtime.GC()
	}
}

// collectable counts the calls answered since the last collection. What a call
// leaves on the heap is at most a few buffers, and the heap is fixed.
var collectable int

const collectAfter = 32
