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
	if lent == 0 || now-lent < tab.Host.SliceLen {
		return 0
	}
	runtime.Gosched()
	this().Watch.Lent = 1
	return x86.RDTSC() - now
}
