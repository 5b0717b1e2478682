package partition

import (
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"perdure/kernel/console"
	"perdure/kernel/x86"
)

// What takes long is done aside, by a goroutine of its own: the control goroutine
// answers calls meanwhile. One thing is done at a time. It may be lost at any time,
// as the control goroutine may.

// aside: something is done so.
var aside atomic.Bool

// Busy reports whether something is done aside.
func Busy() bool { return aside.Load() }

// Aside has f done, and then over, which learns of a fault of ours that ended f. It
// may not be busy. The control goroutine looks at the restart and at calls afterwards.
func Aside(f func(), over func(fault string)) {
	aside.Store(true)
	go func() {
		debug.SetPanicOnFault(true)
		over(attempted(f))
		aside.Store(false)
		atomic.OrUint64(&tab.Host.Work, WorkRestart|WorkCall)
	}()
}

// attempted is f; it returns the fault of ours that ended it, if one did.
func attempted(f func()) (fault string) {
	defer func() {
		if r := recover(); r != nil {
			fault = text(r)
			console.Errs("a fault of ours in what is done aside: " + fault)
		}
	}()
	f()
	return ""
}

// lentAt is when a processor's dispatcher last lent it to other goroutines, 0 if it
// never did: a candidate has none.
var lentAt [MaxCPUs]uint64

// lend notes that c's dispatcher lends its processor now.
//
//go:nosplit
func (c *CPU) lend() {
	c.Watch.Lent = 1
	lentAt[c.Index&(MaxCPUs-1)] = x86.RDTSC()
}

// Breathe gives a processor back that has been lent for as long as a slice, and
// returns how many ticks it was away. What computes for long calls it again and again.
func Breathe() (away uint64) {
	now, lent := x86.RDTSC(), atomic.LoadUint64(&lentAt[this().Index&(MaxCPUs-1)])
	if lent == 0 || now-lent < tab.Host.SliceLen {
		return 0
	}
	runtime.Gosched()
	this().Watch.Lent = 1
	return x86.RDTSC() - now
}
