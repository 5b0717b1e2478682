//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/partition/abi"
	"perdure/partition/virtio"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// What a processor held, had begun or had not committed when a reset came is
// given back, made whole or dropped; what another one holds stays.
func TestRepair(t *testing.T) {
	c, p := bench(t, 2)
	v, other := p.VP(0), p.VP(1)
	vmcs.EntryInterruptionInfo.Write(0)
	c.FPU = c.Active
	v.XCR0 = 1

	p.Lock = c.Index + 1
	Lookup(1).Lock = c.Index + 2
	d := p.device(3)
	d.Init(virtio.Entropy, 0, 16)
	d.Owner = c.Index + 1
	p.device(4).Owner = c.Index + 2
	c.Owned, c.Leave, c.Armed, c.Watch.Asleep = 4, 1, 1234, 1
	c.Log.Set(&p.Halts, 5)
	c.Committed = 1
	v.Log.Set(&p.Memory, 1)
	tab.Host.VPs = 3
	third := &tab.VPs[2] // claimed to be moved here, with its bit in two queues
	third.Part, third.Holder, third.CPU = 1, c.Index+1, 1
	Lookup(1).FirstVP = 2
	c.Queue |= 1 << 2
	v.Running, v.Instance = 1, 7
	before := p.Memory

	for range 2 { // a repair that is cut short is done again
		for _, f := range own {
			f(c)
		}
	}
	assert.Zero(t, p.Lock)
	assert.EqualValues(t, c.Index+2, Lookup(1).Lock)
	assert.Zero(t, d.Owner)
	assert.EqualValues(t, c.Index+2, p.device(4).Owner)
	assert.EqualValues(t, 5, p.Halts, "a committed log")
	assert.Equal(t, before, p.Memory, "a log that was not")
	assert.Zero(t, v.Log.N)
	assert.Zero(t, third.Holder)
	assert.EqualValues(t, 0, c.Queue>>2&1, "the home that it had not reached")
	assert.EqualValues(t, 1, tab.CPUs[1].Queue>>2&1)
	assert.Equal(t, [...]uint64{0, 0, never, 0}, [...]uint64{c.Owned, c.Leave, c.Armed, c.Watch.Asleep})
	assert.EqualValues(t, []uint64{1, 1}, []uint64{c.Rearm, c.Stale})
	assert.Zero(t, v.Running)
	assert.Zero(t, v.Instance, "its host state is written anew")
	assert.NotZero(t, v.Events&EvIntr)
	assert.EqualValues(t, 2, other.Holder)
}

// A word that says a processor which there is not, since a bit of it flipped, is put right
// by any processor.
func TestRepairNobodys(t *testing.T) {
	c, p := bench(t, 2)
	c.FPU = c.Active
	p.VP(0).XCR0 = 1
	const wild = 1<<40 | 1
	tab.Host.VPs = 3
	third := &tab.VPs[2]
	third.Part, third.CPU = 1, 1
	Lookup(1).FirstVP = 2
	p.device(3).Init(virtio.Entropy, 0, 16)
	for _, w := range []*uint64{&p.Lock, &p.device(3).Owner, &third.Holder, &p.VP(1).Holder} {
		*w = wild
	}
	for _, f := range own {
		f(c)
	}
	assert.Zero(t, p.Lock)
	assert.Zero(t, p.device(3).Owner)
	assert.Zero(t, third.Holder)
	assert.EqualValues(t, 2, p.VP(1).Holder, "the other processor has it")
}

// A processor's record that names another one is put right before it is used, and what a VP's
// record has that no processor loads is taken out.
func TestRepairWho(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	c.FPU, v.XCR0 = c.Active, 1
	c.seal()
	c.Index = 73
	v.Ctx.MXCSR = 1<<33 | 1<<16 | 0x1f80
	defer func() { watches[0] = false }()
	Repair()
	assert.Zero(t, c.Index)
	assert.EqualValues(t, 0x1f80, v.Ctx.MXCSR)
	assert.EqualValues(t, backRepaired, c.Back)
}

// What nobody owned is repaired once, by the processor that led the reset.
func TestRepairAll(t *testing.T) {
	c, p := bench(t, 1)
	p.device(2).Owner = never
	RepairAll()
	assert.Zero(t, p.device(2).Owner)
	assert.EqualValues(t, 1, tab.Host.Resets)
	assert.NotZero(t, c.Serve&1)
}

// The same exit of the same VP that fails again at once is counted, and forgotten
// when it has succeeded in between.
func TestRepeats(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	fails := func() uint64 {
		v.Running, v.Ctx.Commit, v.Ctx.Reason, v.Ctx.RIP = 1, 0, uint64(vmcs.ReasonCPUID), 0x1000
		v.Exits[vmcs.ReasonCPUID]++
		c.Exits++
		f := Examine()
		Decided(abi.RungReset, abi.ReasonVolatile)
		return f.Repeats
	}
	assert.EqualValues(t, 1, fails())
	assert.EqualValues(t, 2, fails())
	assert.EqualValues(t, 3, fails())
	v.Exits[vmcs.ReasonCPUID] += 5
	assert.EqualValues(t, 1, fails())
	v.Ctx.Commit = 1
	v.Running = 1
	assert.Zero(t, Examine().Repeats, "its exit was answered")
	assert.Equal(t, Running, p.State)
}

// A partition in quarantine is stopped, with a report.
func TestQuarantine(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	v.Running, v.Ctx.Reason = 1, uint64(vmcs.ReasonIO)
	Examine()
	Decided(abi.RungQuarantine, abi.ReasonRepeated)
	assert.Equal(t, Stopped, p.State)
	assert.Equal(t, WhyHandlerFault, p.Why)
	assert.EqualValues(t, vmcs.ReasonIO, p.WhyExit)
	assert.NotZero(t, tab.Host.Work&WorkReport)
	_ = c
}

// A processor that does not get on is found out by the one before it, also by one that
// waits; one that gets on is left alone.
func TestWatch(t *testing.T) {
	c, p := bench(t, 2)
	o, victim := &tab.CPUs[1], ^uint64(0)
	defer func(f func(uint64)) { hung = f }(hung)
	hung = func(i uint64) { victim = i }
	look := func(n int) {
		victim = ^uint64(0)
		for range n {
			c.watch(100)
		}
	}
	o.Active = 0
	look(missed + 1)
	assert.EqualValues(t, 1, victim)
	for _, state := range []struct{ asleep, active uint64 }{{1, 0}, {0, 2}} {
		o.Watch.Asleep, o.Active = state.asleep, state.active
		p.VP(1).Running, p.VP(1).Ctx.Reason = 1, vmx.NoExit
		o.Watch.Steps++
		look(missed)
		assert.Equal(t, ^uint64(0), victim)
		look(1)
		assert.EqualValues(t, 1, victim, "its own timer has not ended that")
	}
	p.VP(1).Ctx.Reason = 10
	victim = ^uint64(0)
	for range 10 {
		o.Exits++
		c.watch(100)
	}
	assert.Equal(t, ^uint64(0), victim)
	for i := range 2*missedRounds + 2 { // it goes round, and its VP does not run
		if o.Watch.Steps++; i%2 == 0 {
			o.Watch.Steps++
		}
		p.VP(1).State = VPHalted
		if i > missedRounds {
			p.VP(1).State = VPRun
		}
		if c.watch(100); i < 2*missedRounds {
			assert.Equal(t, ^uint64(0), victim, "after %d looks", i)
		}
	}
	assert.EqualValues(t, 1, victim, "a livelock")
	victim, o.Watch.Lent, c.Watch.Rounds = ^uint64(0), 1, 0
	for range missedRounds*lentRounds - 1 { // others keep it busy
		o.Watch.Steps++
		c.watch(100)
	}
	assert.Equal(t, ^uint64(0), victim)
	o.Watch.Steps++
	c.watch(100)
	assert.EqualValues(t, 1, victim, "but for ever")
	victim = ^uint64(0)
	o.Watch.Steps++
	look(missedLong)
	assert.Equal(t, ^uint64(0), victim, "it does something that takes long")
	look(1)
	assert.EqualValues(t, 1, victim, "but not that long")
	o.Watch.Lent = 0
	o.Watch.Steps++
	look(missed + 1)
	assert.EqualValues(t, 1, victim)

	victim, c.Watch.At = ^uint64(0), 0
	defer func(long uint64) { tab.Host.WatchLen, watches[c.Index] = long, false }(tab.Host.WatchLen)
	tab.Host.WatchLen = 1 << 62 // one look
	for range missed + 1 {
		watchOn()
	}
	assert.Zero(t, c.Watch.At, "it has still something to repair")
	watches[c.Index] = true
	steps := c.Watch.Steps
	for range missed {
		c.Watch.At = 0
		relax()
		relax()
	}
	assert.EqualValues(t, 1, victim, "who waits watches")
	assert.EqualValues(t, steps+missed, c.Watch.Steps, "and gets on")
}
