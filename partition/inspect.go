package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// flagInspect makes a processor come to the top of its dispatcher's loop.
const flagInspect = kernel.FlagUser << 3

// Inspect is a question to a processor about the VMCS that it has, which only it
// can read: a kept record.
type Inspect struct {
	Asked  uint64 // number of the question
	Told   uint64 // the last one that was answered
	Fields uint64 // host-state fields examined
	Wrong  uint64 // how many of them are not this processor's and this instance's
	First  uint64 // encoding of the first of them
}

// ask wants to know, by a number that it never used before, what every
// processor has to say of its VMCS.
func ask(n uint64) {
	for i := range tab.Host.CPUs {
		c := &tab.CPUs[i]
		k := kernel.CPUAt(int(i))
		k.Raise(flagInspect) // first, for whoever finds the question lowers the flag
		atomic.StoreUint64(&c.Inspect.Asked, n)
		if c != this() {
			k.Kick()
		}
	}
}

// inspect answers, has wrong host state written anew before the VMCS is used, and writes
// wrong control registers anew. A VMCS that another one has pushed aside, or that belongs
// to an older instance, gets its host state anew anyway: it has nothing that could be wrong.
//
//go:nosplit
func (c *CPU) inspect() {
	kernel.This().Lower(flagInspect)
	q := &c.Inspect
	n := atomic.LoadUint64(&q.Asked)
	q.Fields, q.Wrong, q.First = 0, 0, 0
	if c.Active != 0 {
		v := &tab.VPs[(c.Active-1)&(MaxVPs-1)]
		if v.Instance == tab.Host.Instance {
			h := kernel.Host()
			h.FSBase = v.HostFS
			if q.Fields, q.Wrong, q.First = vmx.CheckHost(&v.Ctx, &h); q.Wrong != 0 {
				v.Instance = 0 // it is written anew
			}
		}
	}
	q.Fields++
	if kernel.Controls() {
		q.Wrong, q.First = q.Wrong+1, uint64(vmcs.HostCR4)
	}
	atomic.StoreUint64(&q.Told, n)
}

// told adds up what the processors answered to question n. It reports false while one
// of them, if it runs partitions at all, has not.
func told(n uint64, r *Findings) bool {
	for i := range tab.Host.CPUs {
		c := &tab.CPUs[i]
		if c.Online == 1 && atomic.LoadUint64(&c.Inspect.Told) != n {
			return false
		}
	}
	for i := range tab.Host.CPUs {
		if q := &tab.CPUs[i].Inspect; q.Told == n {
			r.add(q.Fields, q.Wrong, q.First)
		}
	}
	return true
}
