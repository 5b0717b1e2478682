package mirror

import (
	"sync/atomic"

	"perdure/kernel/x86"
	"perdure/partition"
)

// spent counts the TSC ticks of all processors that went into the change under way:
// of each piece of work that nobody else runs in between.
var spent atomic.Uint64

// spend counts those since a TSC value.
func spend(since uint64) { spent.Add(x86.RDTSC() - since) }

// Spent returns how many ticks of the processors it took so far to make records for
// the next instance, and to compare what it finds in them.
func Spent() uint64 { return spent.Load() }

// computing: the control goroutine only computes, and nobody else does anything for the
// change under way: calls may be answered.
var computing bool

// compute says so, up to the call of what it returns.
func compute() (over func()) {
	computing = true
	return func() { computing = false }
}

// rest has others run while something takes long.
func rest() {
	if computing {
		spent.Add(-partition.Answer())
	} else {
		spent.Add(-partition.Breathe())
	}
}
