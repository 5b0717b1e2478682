//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// crowd makes n processors with a guest of m VPs, all of which wait on the first
// processor and want to run.
func crowd(t *testing.T, n, m uint64) (*CPU, *Partition) {
	t.Helper()
	c, _ := bench(t, n)
	tab.Host.SliceLen = slice
	p := Lookup(1)
	*p = Partition{ID: 1, Kind: Guest, State: Running, FirstVP: n, VPs: m}
	tab.Host.VPs = n + m
	for i := range n {
		tab.VPs[i].State = VPHalted
	}
	for i := range m {
		*p.VP(i) = VP{Part: 1, ID: i, State: VPRun}
		c.Queue |= p.VP(i).bit()
	}
	p.weigh(0, 0)
	return c, p
}

// A VP that gives way is passed over once, and no more.
func TestYield(t *testing.T) {
	c, p := crowd(t, 1, 2)
	first := c.pick(100)
	assert.Same(t, p.VP(0), first)
	c.Yields = first.bit()
	assert.Same(t, p.VP(1), c.pick(200))
	assert.Zero(t, c.Yields)
	assert.Same(t, first, c.pick(300))
	p.VP(1).State = VPHalted
	c.Yields = first.bit()
	assert.Same(t, first, c.pick(400), "alone")
	assert.EqualValues(t, never, c.Slice)
}

// What is held is not picked, nor taken by others.
func TestHoldKeepsFromRunning(t *testing.T) {
	c, p := crowd(t, 2, 1)
	p.Hold = HoldPause
	assert.Nil(t, c.pick(100))
	assert.Nil(t, tab.CPUs[1].pick(100))
	p.Hold = 0
	assert.Same(t, p.VP(0), c.pick(200))
	p.Hold = HoldDrop
	assert.False(t, c.claim(p.VP(0), c), "it is being taken apart")
	assert.Zero(t, p.VP(0).Holder)
}

// An idle processor takes what waits elsewhere, but nothing that is just about to
// run, and nothing that may not.
func TestSteal(t *testing.T) {
	c, p := crowd(t, 2, 2)
	o := &tab.CPUs[1]
	assert.Nil(t, o.pick(100), "the first processor has not seen them yet")
	assert.NotZero(t, tab.Host.Idle&o.bit())
	assert.Same(t, p.VP(0), c.pick(100))
	assert.Zero(t, tab.Host.Idle&o.bit(), "it was called")
	p.VP(0).Holder, c.Active = 1, p.VP(0).index()+1
	p.Allowed = c.bit()
	assert.Nil(t, o.pick(200))
	p.Allowed = c.bit() | o.bit()
	assert.Same(t, p.VP(1), o.pick(200))
	assert.EqualValues(t, 1, p.VP(1).CPU)
	assert.NotZero(t, o.Queue&p.VP(1).bit())
	assert.Zero(t, c.Queue&p.VP(1).bit())
	assert.Zero(t, p.VP(1).Holder)
	assert.EqualValues(t, 1, o.Stolen)
}

// A VP that may not run where it is goes where it may.
func TestExile(t *testing.T) {
	c, p := crowd(t, 2, 1)
	v, o := p.VP(0), &tab.CPUs[1]
	p.weigh(100, o.bit())
	assert.Nil(t, c.pick(100))
	assert.EqualValues(t, 1, v.CPU)
	assert.Zero(t, v.Holder)
	assert.Zero(t, c.Queue&v.bit())
	assert.Same(t, v, o.pick(200))
	p.weigh(100, 1<<9) // no such processor
	assert.EqualValues(t, 3, p.Allowed)
}

// A VP that comes to want a processor on which another one runs gets a turn, at
// once if it has slept.
func TestLook(t *testing.T) {
	c, p := crowd(t, 1, 2)
	v, a := p.VP(0), p.VP(1)
	v.State = VPHalted
	assert.Same(t, a, c.pick(1000))
	assert.EqualValues(t, never, c.Slice)
	c.Active, a.Holder = a.index()+1, 1
	a.runs(1000)
	c.look(1100)
	assert.Zero(t, c.Leave)
	v.State = VPRun
	c.look(1200)
	assert.Zero(t, c.Leave, "they are even")
	assert.EqualValues(t, 1200+slice, c.Slice)
	assert.NotZero(t, c.Rearm)
	v.Ready, c.Contended, tab.Host.VTime = 0, 0, 10*slice
	v.VTime = 0
	a.VTime = 10*slice + 1
	c.look(1300)
	assert.EqualValues(t, 1, c.Leave)
	assert.EqualValues(t, 9*slice, v.VTime, "a little behind, not more")
}

// Timers of VPs that are not loaded fire where their home is, unless somebody has
// claimed them.
func TestTimersOfWaiting(t *testing.T) {
	c, p := crowd(t, 1, 2)
	v, o := p.VP(0), p.VP(1)
	for i := range p.VPs {
		w := p.VP(i)
		w.State = VPHalted
		w.LAPIC.Reset(uint32(i), i == 0)
		w.LAPIC.SVR |= 0x100
		w.LAPIC.LVT[0] = 0x40 // one-shot, vector 0x40
	}
	v.LAPIC.Deadline, o.LAPIC.Deadline = 5000, 7000
	c.Stale = 1
	c.arm()
	assert.EqualValues(t, 5000, c.Armed)
	o.LAPIC.Deadline = 5000
	o.Holder = 9 // somebody is taking it
	c.due(5000)
	c.after()
	assert.EqualValues(t, 0, v.LAPIC.Deadline)
	assert.Equal(t, EvIntr, v.Events)
	assert.EqualValues(t, 5000, o.LAPIC.Deadline)
	assert.Zero(t, v.Holder)
	o.Holder = 0
	c.due(6000)
	assert.EqualValues(t, 0, o.LAPIC.Deadline)
	c.after()
	assert.EqualValues(t, never, c.Others)
}

// After a fault of ours no VP is claimed by a processor that does not have it.
func TestLetGo(t *testing.T) {
	c, p := crowd(t, 1, 2)
	p.VP(0).Holder, p.VP(1).Holder = 1, 2
	c.letGo()
	assert.Zero(t, p.VP(0).Holder)
	assert.EqualValues(t, 2, p.VP(1).Holder, "another processor's")
	assert.EqualValues(t, 1, tab.VPs[0].Holder, "the active one")
}

// A move that was cut off at any place is undone or done: the VP is in the queue of its
// home alone, or nobody would ever run it.
func TestLetGoMove(t *testing.T) {
	for cut := range 4 {
		c, p := crowd(t, 2, 1)
		v, from, to := p.VP(0), &tab.CPUs[0], &tab.CPUs[1]
		v.CPU, v.Holder, from.Queue, to.Queue = 0, 1, from.Queue|v.bit(), to.Queue&^v.bit()
		if cut > 0 {
			v.CPU = 1
		}
		if cut > 1 {
			to.Queue |= v.bit()
		}
		if cut > 2 {
			from.Queue &^= v.bit()
		}
		c.letGo()
		assert.True(t, v.placed(), "cut after %d", cut)
		assert.Zero(t, v.Holder)
	}
}

// The self check finds a VP in a wrong queue, in two, and with a wrong holder.
func TestPlaced(t *testing.T) {
	c, p := crowd(t, 2, 1)
	v := p.VP(0)
	count := func() (wrong uint64) {
		inPlace(func(_ int, ok bool) { wrong += b2u(!ok) })
		return wrong
	}
	assert.Zero(t, count())
	for _, w := range []struct {
		word *uint64
		bits uint64
	}{{&c.Queue, v.bit()}, {&tab.CPUs[1].Queue, v.bit()}, {&v.CPU, 1}, {&v.Holder, 2}, {&v.Holder, 70}} {
		*w.word ^= w.bits
		assert.EqualValues(t, 1, count())
		*w.word ^= w.bits
	}
}
