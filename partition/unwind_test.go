//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/mm/kept"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// faulty runs f as a dispatcher runs a handler that fails.
func faulty(f func()) {
	defer unwind()
	this().Exits++
	f()
}

// An exit that fails in our hands leaves nothing of itself, unless it was
// committed: then its changes are made when the VP runs again.
func TestUnwind(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	c.Active = 1
	word := &v.Bad
	var nobody *VP

	faulty(func() { v.Log.Set(word, 7); c.Kicks = 1; c.lock(p); nobody.Bad++ })
	assert.Zero(t, v.Log.N)
	assert.Zero(t, c.Kicks)
	assert.Zero(t, p.Lock)
	assert.EqualValues(t, 1, v.Unwound.N)
	assert.EqualValues(t, 1, c.Unwound)
	assert.Zero(t, *word)

	faulty(func() { v.Log.Set(word, 7); c.Kicks = 1; v.Ctx.Commit = vmx.CommitLog | vmx.CommitRIP; nobody.Bad++ })
	assert.EqualValues(t, 1, c.Kicks)
	v.finish()
	assert.EqualValues(t, 7, *word)
	assert.EqualValues(t, vmx.CommitRIP, v.Ctx.Commit)

	faulty(func() { v.Log.Set(word, 8); nobody.Bad++ }) // the log was applied: this is the next exit's
	assert.Zero(t, v.Log.N)
	assert.EqualValues(t, 7, *word)
}

// An interrupt that was being handled when that failed is taken again, and does not
// keep others away.
func TestUnwindInterrupt(t *testing.T) {
	c, _ := bench(t, 1)
	c.Active = 1
	k := kernel.This()
	k.Vectors = [4]uint64{}
	defer apic.Serve(kernel.VectorTimer, 0x41, 0xd1)()
	faulty(func() { panic("in the middle") })
	assert.Zero(t, apic.InService())
	for _, want := range []uint8{0xd1, 0x41, kernel.VectorTimer} {
		v, ok := k.TakeVector()
		assert.True(t, ok)
		assert.Equal(t, want, v)
	}
	_, ok := k.TakeVector()
	assert.False(t, ok)
}

// What an exception says about itself is written with the next tick.
func TestComplaints(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	c.Active = 1
	v.Ctx.Reason, v.Ctx.RIP = 10, 0x1234
	f := &kernel.Fault{Vector: 14, RIP: 0x40001000, CR2: 8}
	for range len(complaints[0].list) {
		v.Exits[10] += 2
		c.unwound(f)
	}
	assert.False(t, c.later(v, f), "there is no room")
	assert.EqualValues(t, len(complaints[0].list), v.Unwound.N)
	complainAll()
	assert.True(t, c.later(v, f))
	complainAll()
	assert.Zero(t, complaints[0].list[0].full)
}

// A HLT that failed is executed again, and no interrupt comes before it.
func TestUnhalt(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	c.Active, v.Ctx.Reason = 1, uint64(vmcs.ReasonHLT)
	vmcs.GuestRFLAGS.Write(1 << 9)
	vmcs.GuestInterruptibility.Write(1)
	faulty(func() { exitHLT(c, v); panic("late") })
	assert.Equal(t, VPRun, v.State)
	assert.EqualValues(t, 1, vmcs.GuestInterruptibility.Read())
	faulty(func() { vmcs.GuestInterruptibility.Write(0); panic("early") })
	assert.Equal(t, VPRun, v.State)
	assert.EqualValues(t, 1, vmcs.GuestInterruptibility.Read(), "the shadow had been ended, and no more")
}

// A lock that was taken and not noted yet is opened, and one that was given back and is
// another processor's now stays.
func TestUnwindLock(t *testing.T) {
	c, p := bench(t, 1)
	c.Active = 1
	faulty(func() { p.Lock = c.Index + 1; panic("before it is noted") })
	assert.Zero(t, p.Lock)
	faulty(func() { p.Lock, c.Locked = c.Index+2, p.ID+1; panic("after it was given back") })
	assert.Equal(t, c.Index+2, p.Lock)
	assert.Zero(t, c.Locked)
}

// The VMCS wants the exits that v does, though the wish was cut off between the two.
func TestUnwindWindow(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	c.Active = 1
	faulty(func() { v.Window |= windowIntr; panic("before the VMCS has it") })
	assert.NotZero(t, vmcs.PrimaryControls.Read()&vmcs.PrimInterruptWindow)
	faulty(func() { v.Window = 0; panic("before the VMCS has it") })
	assert.Zero(t, vmcs.PrimaryControls.Read()&vmcs.PrimInterruptWindow)
}

// A partition is stopped when its exits fail one after the other, not when they
// fail now and then.
func TestStrikes(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	c.Active = 1
	for range 100 {
		v.Ctx.Reason, v.Exits[1] = vmx.NoExit, v.Exits[1]+2
		faulty(func() { panic("on the way in, now and then") })
	}
	assert.Equal(t, Running, p.State)
	v.Ctx.Reason = 0
	for range 100 {
		v.Exits[0] += 2 // the exit, and one more of its kind that was answered
		faulty(func() { panic("now and then") })
	}
	assert.Equal(t, Running, p.State)
	for i := range maxUnwound {
		v.Exits[0]++
		assert.Equal(t, Running, p.State, "after %d", i)
		faulty(func() { panic("again") })
	}
	assert.Equal(t, Stopped, p.State)
	assert.Equal(t, WhyHandlerFault, p.Why)
	assert.EqualValues(t, 200+maxUnwound, v.Unwound.N)
}

// A damaged record is found.
func TestIdentity(t *testing.T) {
	c, p := bench(t, 2)
	for i := range uint64(2) {
		p.VP(i).seal()
		tab.CPUs[i].seal()
	}
	p.seal()
	tab.Host.seal()
	kept.Seal(&tab.Host.Boot, kept.KindHost)
	wrong := func() uint64 {
		var r kept.Report
		checkIdentities(&r)
		assert.EqualValues(t, 1+1+2+2+2, r.Examined)
		return r.Wrong
	}
	assert.Zero(t, wrong())
	for _, w := range []*uint64{&p.RAM.EPTP, &p.Memory, &p.VP(1).VMCS, &c.Region, &tab.Host.Boot.Limit, &tab.Host.Boot.Sum} {
		*w ^= 1 << 40
		assert.EqualValues(t, 1, wrong())
		*w ^= 1 << 40
	}
	p.Name[31] ^= 1
	assert.EqualValues(t, 1, wrong())
}

// A check can be asked for in any order.
func TestCheck(t *testing.T) {
	machine(t, 256*mib)
	c, p := bench(t, 1)
	p.seal()
	c.seal()
	p.VP(0).seal()
	tab.Host.seal()
	c.Inspect.Asked = 0
	r, err := check(0)
	assert.Zero(t, err)
	_, err = check(5)
	assert.EqualValues(t, -16, err, "one is under way")
	for range 20 {
		if c.Inspect.Asked != c.Inspect.Told {
			c.inspect()
		}
		r, err = check(0)
		assert.Zero(t, err)
	}
	assert.EqualValues(t, 2, r.State)
	assert.EqualValues(t, 1000, r.Progress)
}
