package partition

import (
	"math/bits"
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/apic"
)

// A VP has its home on one processor at a time. It goes to another one when that
// has nothing to do, or when it would be served there much sooner; whoever takes
// it claims it first, as if to run it, so that nobody else runs it or moves it.
// A VP is claimed by its Holder word; whoever notes an event for it reads its
// home afterwards, and whoever moves it looks at its events afterwards.

// mask returns the processors that v may run on. Root's VPs stay where they are.
//
//go:nosplit
func (v *VP) mask() uint64 {
	if p := v.partition(); p.Kind != Root {
		return p.Allowed
	}
	return 1 << (v.CPU & (MaxCPUs - 1))
}

// claim takes v from home for c, if no processor has it and its partition is not
// being taken apart.
//
//go:nosplit
func (c *CPU) claim(v *VP, home *CPU) bool {
	if !cas(&v.Holder, 0, c.Index+1) {
		return false
	}
	if v.CPU != home.Index || v.partition().Hold&HoldDrop != 0 {
		release(&v.Holder)
		return false
	}
	return true
}

// move changes the home of v, which the caller has claimed.
//
//go:nosplit
func (v *VP) move(from, to *CPU) {
	b := v.bit()
	atomic.SwapUint64(&v.CPU, to.Index)
	atomic.OrUint64(&to.Queue, b)
	atomic.AndUint64(&from.Queue, ^b)
	atomic.StoreUint64(&from.Stale, 1)
	atomic.StoreUint64(&to.Stale, 1)
	to.Rearm = 1
}

// steal takes a VP that waits for another processor: if c has none that wants to
// run (best is nil), or if that one has long waited more. It reports whether it did.
//
//go:nosplit
func (c *CPU) steal(best *VP, now uint64) bool {
	var found *VP
	var home *CPU
	for i := uint64(0); i < tab.Host.CPUs; i++ {
		o := &tab.CPUs[i&(MaxCPUs-1)]
		if o == c {
			continue
		}
		for q := o.Queue &^ o.active(); q != 0; q &= q - 1 {
			v := queued(q)
			if v.Ready == 0 || v.Holder != 0 || v.mask()&c.bit() == 0 || !v.runnable() {
				continue
			}
			if found == nil || v.first(found) {
				found, home = v, o
			}
		}
	}
	if found == nil || best != nil && !found.lags(best, now) || !c.claim(found, home) {
		return false
	}
	found.move(home, c)
	if c.Contended != 0 {
		found.join(c.VTime, nearness*tab.Host.SliceLen)
	}
	release(&found.Holder)
	c.Stolen++
	return true
}

// spread finds another processor for the first of the VPs that wait here: one that
// has nothing to do, or one where it would be served much sooner. That one takes
// it, when it has been told to look.
//
//go:nosplit
func (c *CPU) spread(wait, now uint64) {
	var next *VP
	for ; wait != 0; wait &= wait - 1 {
		if v := queued(wait); v.mask()&^c.bit() != 0 && (next == nil || v.first(next)) {
			next = v
		}
	}
	if next == nil {
		return
	}
	may := next.mask() &^ c.bit()
	if idle := tab.Host.Idle & may; idle != 0 {
		tab.CPUs[trailing(idle)&(MaxCPUs-1)].call()
		return
	}
	for ; may != 0; may &= may - 1 {
		o := &tab.CPUs[trailing(may)&(MaxCPUs-1)]
		a := o.Active
		if a == 0 || o.Balance != 0 {
			continue
		}
		v := &tab.VPs[(a-1)&(MaxVPs-1)]
		v.charge(now, now)
		if v.Running != 0 && next.lags(v, now) {
			o.Balance = 1
			o.call()
			return
		}
	}
}

// call makes c look for something to do.
//
//go:nosplit
func (c *CPU) call() {
	c.sleepy(false)
	apic.SendIPI(uint32(c.APICID), kernel.VectorKick)
}

// sleepy says that c has nothing to do, and wants to be called if somebody waits.
//
//go:nosplit
func (c *CPU) sleepy(yes bool) {
	if yes {
		atomic.OrUint64(&tab.Host.Idle, c.bit())
	} else {
		atomic.AndUint64(&tab.Host.Idle, ^c.bit())
	}
}

// exile sends v, which may not run here any more, to a processor where it may.
//
//go:nosplit
func (c *CPU) exile(v *VP) {
	to := v.best()
	if to == nil || to == c {
		return
	}
	if v.Holder == c.Index+1 {
		c.unload()
	}
	if !c.claim(v, c) {
		return
	}
	v.Ready = 0 // it has not waited there
	v.move(c, to)
	release(&v.Holder)
	to.call()
}

// best returns the processor that v may run on and that has the fewest VPs.
//
//go:nosplit
func (v *VP) best() *CPU {
	var best *CPU
	least := MaxVPs + 1
	for m := v.mask(); m != 0; m &= m - 1 {
		c := &tab.CPUs[trailing(m)&(MaxCPUs-1)]
		if n := bits.OnesCount64(c.Queue &^ v.bit()); c.Online == 1 && n < least {
			best, least = c, n
		}
	}
	return best
}
