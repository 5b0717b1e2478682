package partition

import (
	"sync/atomic"

	"perdure/kernel/x86"
)

// patience is how often a VP is looked at that is not where it should be: it may
// be on its way to another processor.
const patience = 1 << 16

// placed reports whether v is in the queue of its home and in no other, and
// with no processor that does not know of it.
func (v *VP) placed() bool {
	for range patience {
		home, in := atomic.LoadUint64(&v.CPU), uint64(0)
		for i := range tab.Host.CPUs {
			in |= b2u(atomic.LoadUint64(&tab.CPUs[i].Queue)&v.bit() != 0) << i
		}
		h := atomic.LoadUint64(&v.Holder)
		known := h == 0 || h <= tab.Host.CPUs && atomic.LoadUint64(&tab.CPUs[h-1].Active) == v.index()+1
		if home < tab.Host.CPUs && in == 1<<home && known {
			return true
		}
		x86.PAUSE()
	}
	return false
}

// inPlace calls note for every VP that has been given a home.
func inPlace(note func(i int, ok bool)) {
	for i := range tab.VPs {
		v := &tab.VPs[i]
		if s := v.partition().State; v.State != VPNone && (s == Running || s == Paused) {
			note(i, v.placed())
		}
	}
}
