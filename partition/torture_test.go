//go:build !metal

package partition

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Dispatchers on processors of their own, as many as this machine has to give, run,
// move and halt VPs while others note events for these: no VP is ever with two, none
// sleeps over an event, and each is in one place in the end.
func TestDispatchersTogether(t *testing.T) {
	const cpus, vps, events = 4, 10, 4000
	c, p := crowd(t, cpus, vps)
	tab.Host.SliceLen = uint64(20 * time.Microsecond)
	for i := range uint64(cpus) {
		tab.CPUs[i].Active, tab.CPUs[i].Queue = 0, tab.CPUs[i].Queue&^(1<<i)
	}
	for i := range uint64(cpus) {
		tab.VPs[i].Holder = 0
	}
	began := time.Now()
	now := func() uint64 { return uint64(time.Since(began)) + 1 }
	var irq [cpus]atomic.Bool
	var inside [MaxVPs]atomic.Bool
	var stop atomic.Bool
	kick := func(v *VP) { // as (*VP).kick does it
		if v.Ready == 0 {
			irq[v.CPU&(cpus-1)].Store(true)
		}
	}

	run := func(c *CPU, v *VP) {
		v.runs(now())
		for turn := 0; c.Leave == 0 && now() < c.Slice; turn++ {
			if !inside[v.index()].CompareAndSwap(false, true) {
				t.Errorf("VP %d is with two processors", v.index())
				stop.Store(true)
			}
			if atomic.SwapUint64(&v.Events, 0) != 0 {
				v.State = VPRun
			}
			inside[v.index()].Store(false)
			if irq[c.Index].Swap(false) || c.Balance != 0 {
				c.look(now())
			}
			if turn%8 == 7 {
				v.State = VPHalted
				if atomic.LoadUint64(&v.Events) == 0 {
					break
				}
			}
		}
		v.rests(now())
	}
	dispatch := func(c *CPU) {
		for !stop.Load() {
			c.Leave = 0
			irq[c.Index].Store(false)
			v := c.pick(now())
			if v == nil {
				for !stop.Load() && !irq[c.Index].Load() && atomic.LoadUint64(&tab.Host.Idle)&c.bit() != 0 {
					runtime.Gosched()
				}
				continue
			}
			if c.Active != v.index()+1 {
				if !c.claim(v, c) {
					continue
				}
				if c.Active != 0 {
					old := c.Active - 1
					c.Active = 0
					release(&tab.VPs[old].Holder)
				}
				c.Active = v.index() + 1
			}
			run(c, v)
			runtime.Gosched()
		}
	}
	var all, raisers sync.WaitGroup
	for i := range uint64(cpus) {
		all.Go(func() { dispatch(&tab.CPUs[i]) })
	}
	for range 2 {
		raisers.Go(func() {
			for range events {
				v := p.VP(rand.Uint64N(vps))
				atomic.OrUint64(&v.Events, EvIntr)
				kick(v)
				for wait := time.Now(); atomic.LoadUint64(&v.Events) != 0 && !stop.Load(); runtime.Gosched() {
					if time.Since(wait) > 20*time.Second {
						t.Errorf("VP %d sleeps over an event: state %s, home %d, holder %d, ready %d", v.index(), v.State, v.CPU, v.Holder, v.Ready)
						stop.Store(true)
					}
				}
			}
		})
	}
	raisers.Wait()
	stop.Store(true)
	all.Wait()
	inPlace(func(i int, ok bool) {
		if v := &tab.VPs[i]; !ok && v.Part == p.ID {
			t.Errorf("VP %d: home %d, holder %d", i, v.CPU, v.Holder)
		}
	})
	stolen := uint64(0)
	for i := range tab.CPUs {
		stolen += tab.CPUs[i].Stolen
	}
	if stolen == 0 {
		t.Error("no VP ever moved")
	}
	t.Log(stolen, "moves of", vps, "VPs from processor", c.Index)
}
