package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/partition/abi"
)

// Bits of Partition.Hold: why its virtual processors are not run.
const (
	HoldPause = 1 << iota // by command
	HoldDrop              // processors give up what they have of it
)

// weigh gives p its share of the processors and says which it may use.
func (p *Partition) weigh(weight, cpus uint64) {
	if weight == 0 {
		weight = abi.DefaultWeight
	}
	all := tab.Host.processors()
	if cpus &= all; cpus == 0 {
		cpus = all
	}
	p.Weight, p.Allowed = weight, cpus
	for i := range p.VPs {
		p.VP(i).kick() // away from where it may not be
	}
}

// expel takes p from all processors, and reports whether none has anything of it.
func (p *Partition) expel() bool {
	if p.Hold&HoldDrop == 0 {
		p.hold(HoldPause | HoldDrop)
	}
	gone := true
	for i := range p.VPs {
		h := atomic.LoadUint64(&p.VP(i).Holder)
		if h == 0 {
			continue
		}
		gone = false
		kernel.CPUAt(int(h - 1)).Kick() // to the top of its loop
	}
	return gone
}

// drop gives up the VP that this processor has, if its partition is to be
// nowhere.
//
//go:nosplit
func (c *CPU) drop() {
	if c.Active != 0 && tab.VPs[(c.Active-1)&(MaxVPs-1)].partition().Hold&HoldDrop != 0 {
		c.unload()
	}
}

// home gives v, which no processor has, a home: of the processors that it may run
// on the one with the fewest VPs.
func (p *Partition) home(v *VP) {
	p.homeless(v)
	c := &tab.CPUs[v.CPU&(MaxCPUs-1)] // root's stay where they are
	if p.Kind != Root {
		c = v.best()
	}
	if c == nil {
		c = &tab.CPUs[0]
	}
	v.VTime = tab.Host.VTime
	atomic.StoreUint64(&v.CPU, c.Index)
	atomic.OrUint64(&c.Queue, v.bit())
}

// homeless takes v from the processor that is its home.
func (p *Partition) homeless(v *VP) {
	for i := range tab.CPUs {
		atomic.AndUint64(&tab.CPUs[i].Queue, ^v.bit())
	}
}
