package partition

import (
	"sync/atomic"

	"perdure/partition/abi"
)

// A VP that runs pays in virtual time: TSC ticks, dearer for a partition of less
// weight, and dearer for one of which several VPs want to run at once. Of VPs
// that want one processor the one that has paid least is next.
//
// What was paid where nobody else wanted to run says little about what is fair
// now, and processors on which different VPs meet advance at different rates. So
// a VP that comes to others is brought near to where they are: behind them by a
// little, if it has slept, so that it runs soon; ahead by what one turn costs it
// and a little, so that it waits no longer than its share.

// nearness is how many slices of the usual weight a VP that comes to others may
// be away from them.
const nearness = 4

// price returns what ticks of running cost v. Root has its weight on each of its
// processors; a guest's is divided among its VPs that want to run.
//
//go:nosplit
func (v *VP) price(ticks uint64) uint64 {
	p := v.partition()
	n := uint64(1)
	if p.Kind != Root {
		for i := uint64(0); i < p.VPs; i++ {
			if o := p.VP(i); o != v && o.Running|o.Ready != 0 {
				n++
			}
		}
	}
	return ticks * abi.DefaultWeight * n / max(p.Weight, 1)
}

// charge lets v pay for what it ran since it paid last. It is counted from next on
// then; 0 says that it runs no more. Any processor may do it.
//
//go:nosplit
func (v *VP) charge(now, next uint64) {
	from := atomic.LoadUint64(&v.Running)
	for ; from != 0; from = atomic.LoadUint64(&v.Running) {
		if next != 0 && from >= next {
			return // another processor was quicker
		}
		if cas(&v.Running, from, next) {
			break
		}
	}
	if from == 0 || now <= from {
		return
	}
	atomic.AddUint64(&v.Ran, now-from)
	atomic.AddUint64(&v.VTime, v.price(now-from))
}

// join brings v near to level, the virtual time of those that it comes to; behind
// it is how far back it may be.
//
//go:nosplit
func (v *VP) join(level, behind uint64) {
	s := tab.Host.SliceLen
	low, high := level-behind, level+v.price(s)+nearness*s
	switch {
	case before(v.VTime, low):
		v.VTime = low
	case before(high, v.VTime):
		v.VTime = high
	}
}

// lags reports whether v, which waits on another processor, should have the one
// that o has: it is far behind o, or no better off and has waited for long. What
// is far and long depends on what a turn costs them.
//
//go:nosplit
func (v *VP) lags(o *VP, now uint64) bool {
	s := tab.Host.SliceLen
	turn := max(v.price(s), o.price(s))
	return before(v.VTime+s+2*turn, o.VTime) || !before(o.VTime, v.VTime) && now-v.Ready > 2*nearness*max(s, turn)
}

// first reports whether v is to run before o.
//
//go:nosplit
func (v *VP) first(o *VP) bool {
	if v.VTime == o.VTime {
		return before(v.Ready, o.Ready)
	}
	return before(v.VTime, o.VTime)
}

// before compares two times that may have run over.
//
//go:nosplit
func before(a, b uint64) bool { return int64(a-b) < 0 }

// runs notes that v is about to run.
//
//go:nosplit
func (v *VP) runs(now uint64) {
	if r := v.Ready; r != 0 && r < now {
		v.waited(now - r)
	}
	v.Ready = 0
	atomic.StoreUint64(&v.Running, now) // before the events are looked at: see hold
}

// rests notes that v has given its processor back.
//
//go:nosplit
func (v *VP) rests(now uint64) {
	v.charge(now, 0)
	if v.runnable() {
		v.Ready = now
	}
}

// level brings the virtual time of the whole machine to that of the processor
// which is the furthest behind of those that several VPs want.
//
//go:nosplit
func (h *Host) level() {
	least, any := uint64(0), false
	for i := uint64(0); i < h.CPUs; i++ {
		c := &tab.CPUs[i&(MaxCPUs-1)]
		if c.Contended != 0 && (!any || before(c.VTime, least)) {
			least, any = c.VTime, true
		}
	}
	if any && before(h.VTime, least) {
		h.VTime = least
	}
}
