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
	all := uint64(1)<<tab.Host.CPUs - 1
	if cpus &= all; cpus == 0 {
		cpus = all
	}
	p.Weight, p.Allowed = weight, cpus
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
func (c *CPU) drop() {
	if c.Active != 0 && tab.VPs[(c.Active-1)&(MaxVPs-1)].partition().Hold&HoldDrop != 0 {
		c.unload()
	}
}

// home puts v on a processor.
func (p *Partition) home(v *VP) { v.CPU = (v.index()) % tab.Host.CPUs }

// homeless takes v from the processor that it is on.
func (p *Partition) homeless(*VP) {}
