package partition

import (
	"sync/atomic"

	"perdure/kernel"
)

// Each processor is watched by the one before it: who is in the hypervisor and
// does not get on from one look to the next hangs, and all are reset by NMI.

// Looks without progress that make a hang: of a processor in the hypervisor, asleep or in
// a guest, since its own timer ends these; and of one that does what takes long or may be
// the collector's: a restart beside four guests that were all busy kept one for over forty.
const (
	missed     = 2
	missedLong = 200
)

// Looks in which a dispatcher only went round, though virtual processors wanted to run, that
// make a livelock. Of those in which it lends its processor, which others may keep busy, so
// many count as one.
const (
	missedRounds = 200
	lentRounds   = 5
)

// overdue is how many looks a dispatcher is behind that looks without being told to.
const overdue = 4

// looks is how often a processor looks, as a part of the time that makes a hang.
const looks = missed

// Watch is what a processor shows of how it gets on, and knows of another one: a
// kept record, in which anything may stand at rest.
type Watch struct {
	Steps  uint64 // rounds of its dispatcher
	Asleep uint64 // 1: it waits for an interrupt, with nothing to do
	Lent   uint64 // 1: it does something that may take long
	At     uint64 // TSC value at which it looks after the next processor
	Seen   uint64 // how far that one was
	Missed uint64 // looks since
	Exits  uint64 // exits that it had made
	Rounds uint64 // looks since, each lentRounds
}

// watch looks at the next processor.
//
//go:nosplit
func (c *CPU) watch(now uint64) {
	h := tab.Host
	c.Watch.At = now + h.WatchLen
	compare(c)
	o := c.next()
	if o == c {
		return
	}
	seen := atomic.LoadUint64(&o.Exits) + atomic.LoadUint64(&o.Watch.Steps)
	if seen != c.Watch.Seen || atomic.LoadUint64(&meeting.state) != meetNone {
		c.Watch.Seen, c.Watch.Missed = seen, 0
		c.watchRounds(o)
		return
	}
	c.Watch.Missed++
	most := uint64(missed)
	if o.lends() {
		most = missedLong
	}
	if c.Watch.Missed >= most {
		c.Watch.Missed = 0
		hung(o.Index)
	}
}

// lends reports whether o is, or may be, at something that may take long. The collector
// also comes by itself, when memory is short, and may have a processor whose dispatcher
// it has put aside.
//
//go:nosplit
func (o *CPU) lends() bool { return o.Watch.Lent != 0 || collecting.Load() || marks() }

// watchRounds looks at a processor that goes on: whether it does anything.
//
//go:nosplit
func (c *CPU) watchRounds(o *CPU) {
	exits, one := atomic.LoadUint64(&o.Exits), uint64(lentRounds)
	if exits != c.Watch.Exits || o.Watch.Asleep != 0 || !o.wanted() {
		c.Watch.Exits, c.Watch.Rounds = exits, 0
		return
	}
	if o.lends() {
		one = 1
	}
	if c.Watch.Rounds += one; c.Watch.Rounds >= missedRounds*lentRounds {
		c.Watch.Rounds = 0
		hung(o.Index)
	}
}

// wanted reports whether a VP wants to run on o that nobody else has.
//
//go:nosplit
func (o *CPU) wanted() bool {
	for q := o.Queue; q != 0; q &= q - 1 {
		if v := queued(q); (v.Holder == 0 || v.Holder == o.Index+1) && v.runnable() {
			return true
		}
	}
	return false
}

// hung is out of the linker's sight.
var hung = kernel.Hung

// next returns the processor that c watches: the next one that runs a dispatcher.
//
//go:nosplit
func (c *CPU) next() *CPU {
	for i := c.Index + 1; i < c.Index+tab.Host.CPUs; i++ {
		if o := &tab.CPUs[i%tab.Host.CPUs&(MaxCPUs-1)]; o.Online == 1 {
			return o
		}
	}
	return c
}
