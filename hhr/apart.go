package hhr

import (
	"sync/atomic"

	"perdure/partition"
	"perdure/partition/abi"
)

// outcome is what was done apart: in which restart and phase, and what it came to. It
// is volatile: who loses it loses the restart.
var outcome struct {
	restart uint64
	phase   abi.RestartPhase
	why     string
}

// dropped: what is done apart need not be done any more.
var dropped atomic.Bool

// apart has f done apart from all else, once, and reports that it is done and what
// speaks against going on.
func apart(r *partition.Restart, f func() (why string)) (done bool, why string) {
	o, n, p := &outcome, r.Report.Number, r.Phase()
	if o.restart == n && o.phase == p {
		o.restart = 0
		return true, o.why
	}
	dropped.Store(false)
	partition.Aside(func() { o.why = f() }, func(fault string) {
		if o.restart, o.phase = n, p; fault != "" {
			o.why = "a fault of ours: " + fault
		}
	})
	return false, ""
}
