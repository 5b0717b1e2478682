package partition

import (
	"runtime"
	"sync/atomic"

	"perdure/kernel/x86"
)

// lentAt is when a processor's dispatcher last lent it to other goroutines, 0 if it
// never did: a candidate has none.
var lentAt [MaxCPUs]uint64

// lend notes that c's dispatcher lends its processor now. Who goes round doing that takes
// no interrupt of its timer, by which it would watch.
//
//go:nosplit
func (c *CPU) lend() {
	c.Watch.Lent = 1
	lentAt[c.Index&(MaxCPUs-1)] = x86.RDTSC()
	watchOn()
}

// Breathe gives a processor back that has been lent for as long as a slice, and
// returns how many ticks it was away. What computes for long calls it again and again.
func Breathe() (away uint64) {
	now, lent := x86.RDTSC(), atomic.LoadUint64(&lentAt[this().Index&(MaxCPUs-1)])
	if lent == 0 {
		return 0 // a candidate: what is kept it cannot write to
	}
	this().Watch.Lent = 1 // the collector may have put its dispatcher aside
	if now-lent < tab.Host.SliceLen {
		return 0
	}
	runtime.Gosched()
	this().Watch.Lent = 1
	return x86.RDTSC() - now
}

// Answer is Breathe for the control goroutine while it only computes: who has called
// meanwhile is answered.
func Answer() (away uint64) {
	begun := x86.RDTSC()
	if Breathe() == 0 {
		return 0
	}
	answerCalls()
	return x86.RDTSC() - begun
}

// Await is for the control goroutine while others do its work: it answers calls until
// they are done.
func Await(done func() bool) {
	for !done() {
		runtime.Gosched()
		this().Watch.Lent = 1
		answerCalls()
	}
}

// answerCalls answers who has called, but for a candidate, whose own call may be what takes
// so long.
func answerCalls() {
	if atomic.LoadUint64(&tab.Host.Work)&WorkCall == 0 {
		return
	}
	each(VPCall, func(v *VP) {
		if v.partition().Kind != Service {
			serveCall(v)
		}
	})
}
