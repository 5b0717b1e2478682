//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/kernel/x86"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// Of the event that the processor refuses one bit may have flipped: that of an interrupt is known.
func TestIntended(t *testing.T) {
	_, p := bench(t, 1)
	l := &p.VP(0).LAPIC
	l.ISR = [4]uint64{1: 1 << 1}
	for _, c := range []struct{ event, want uint64 }{
		{65 | injValid, 65 | injValid},
		{65 | injValid | 1<<20, 65 | injValid},
		{65 | 1<<8 | injValid, 65 | injValid},
		{65, 65 | injValid},
		{injNMI | injValid, injNMI | injValid},
		{injNMI | injValid | 1<<40, 0},
		{injHardware | 14 | injError | injValid, injHardware | 14 | injError | injValid},
		{injHardware | 200 | injValid, 0},
		{7<<8 | injValid, 0},
		{injHardware | 14, 0},
	} {
		assert.Equal(t, c.want, intended(l, c.event), "%#x", c.event)
	}
}

// An entry that is refused is tried again, with the event that was meant; then after a
// reset; and then its partition is stopped.
func TestRefused(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	c.Active = 1
	v.LAPIC.ISR = [4]uint64{1: 1 << 1}
	v.Inject = 65 | injValid | 1<<20
	vmcs.GuestInterruptibility.Write(0x401408fd)
	v.unexpected(c, vmx.Refused|7)
	assert.EqualValues(t, 65|injValid, v.Inject)
	assert.EqualValues(t, uint32(65|injValid), vmcs.EntryInterruptionInfo.Read())
	assert.Zero(t, vmcs.GuestInterruptibility.Read())
	assert.NotZero(t, v.Events&EvDoubt)
	assert.Equal(t, Running, p.State)
	assert.Panics(t, func() { v.unexpected(c, vmx.Refused|7) }) // which a reset is on a host
	assert.Equal(t, Running, p.State)
	v.unexpected(c, vmx.Refused|7)
	assert.Equal(t, Stopped, p.State)
	assert.EqualValues(t, WhyEntryFailed, p.Why)

	c, p = bench(t, 1) // and not if exits came between
	v = p.VP(0)
	vmcs.ExitReason.Write(1<<31 | 33)
	for range 9 {
		v.Exits[0] += 2
		v.unexpected(c, 1<<31|33)
	}
	assert.Equal(t, Running, p.State)
}

// What its VMCS is written anew from is put right first.
func TestRefusedForItsRecord(t *testing.T) {
	c, p := known(t)
	v := p.VP(0)
	p.RAM.EPTP = 0x1000_501e
	p.seal()
	p.RAM.EPTP ^= 1 << 60
	v.unexpected(c, vmx.Refused|7)
	assert.EqualValues(t, 0x1000_501e, p.RAM.EPTP)
	assert.Equal(t, Created, p.State)
}

// What wrong code wrote into the guest's state is such afterwards that the processor takes
// it, and what can be is left as it is.
func TestAdmissible(t *testing.T) {
	type state struct {
		flags               uint64
		activity, shadow    uint32
		link, debug, inject uint64
	}
	const on, event = x86.RFLAGSIF | x86.RFLAGSOne, 65 | injValid
	for _, c := range []struct {
		name       string
		have, want state
	}{
		{"all is well", state{on, 0, 9, ^uint64(0), 1<<12 | 1, 0}, state{on, 0, 9, ^uint64(0), 1<<12 | 1, 0}},
		{"code for a shadow", state{on, 0, 0x401408fd, ^uint64(0), 0, 0}, state{on, 0, 0, ^uint64(0), 0, 0}},
		{"blocked by an SMI", state{on, 0, 4, ^uint64(0), 0, 0}, state{on, 0, 0, ^uint64(0), 0, 0}},
		{"both shadows", state{on, 0, 11, ^uint64(0), 0, 0}, state{on, 0, 8, ^uint64(0), 0, 0}},
		{"STI's, with interrupts off", state{2, 0, 9, ^uint64(0), 0, 0}, state{2, 0, 8, ^uint64(0), 0, 0}},
		{"MOV SS's, with interrupts off", state{2, 0, 2, ^uint64(0), 0, 0}, state{2, 0, 2, ^uint64(0), 0, 0}},
		{"an interrupt in a shadow", state{on, 0, 10, ^uint64(0), 0, event}, state{on, 0, 8, ^uint64(0), 0, event}},
		{"an interrupt while they are off", state{2, 0, 0, ^uint64(0), 0, event}, state{on, 0, 0, ^uint64(0), 0, event}},
		{"an exception while they are off", state{2, 0, 0, ^uint64(0), 0, injHardware | 6 | injValid}, state{2, 0, 0, ^uint64(0), 0, injHardware | 6 | injValid}},
		{"flags that there are not", state{1<<40 | 1<<15 | 0x44, 0, 0, ^uint64(0), 0, 0}, state{0x46, 0, 0, ^uint64(0), 0, 0}},
		{"asleep, and linked", state{on, 7, 0, 5, 0, 0}, state{on, 0, 0, ^uint64(0), 0, 0}},
		{"debug bits that there are not", state{on, 0, 0, ^uint64(0), 1<<63 | 3, 0}, state{on, 0, 0, ^uint64(0), 0, 0}},
		{"a step in a shadow, not pending", state{on | x86.RFLAGSTF, 0, 1, ^uint64(0), 2, 0}, state{on | x86.RFLAGSTF, 0, 1, ^uint64(0), 2 | pendingBS, 0}},
		{"pending in a shadow, and no step", state{on, 0, 1, ^uint64(0), pendingBS, 0}, state{on, 0, 1, ^uint64(0), 0, 0}},
	} {
		_, p := bench(t, 1)
		v := p.VP(0)
		v.Inject = c.have.inject
		vmcs.GuestRFLAGS.Write(c.have.flags)
		vmcs.GuestActivity.Write(c.have.activity)
		vmcs.GuestInterruptibility.Write(c.have.shadow)
		vmcs.GuestLinkPointer.Write(c.have.link)
		vmcs.GuestPendingDebug.Write(c.have.debug)
		vmcs.GuestCR0.Write(x86.CR0PG | x86.CR0NW | x86.CR0MP | 1<<40)
		vmcs.GuestCR4.Write(x86.CR4PCIDE | 1<<50)
		vmcs.EntryControls.Write(0)
		v.admissible()
		assert.EqualValues(t, x86.CR0PG|x86.CR0PE|x86.CR0NE|x86.CR0ET|x86.CR0MP, vmcs.GuestCR0.Read())
		assert.EqualValues(t, x86.CR4VMXE, vmcs.GuestCR4.Read())
		assert.Equal(t, c.want, state{vmcs.GuestRFLAGS.Read(), vmcs.GuestActivity.Read(), vmcs.GuestInterruptibility.Read(),
			vmcs.GuestLinkPointer.Read(), vmcs.GuestPendingDebug.Read(), v.Inject}, c.name)
	}
}

// An answer that is none is a fault of ours, if there is a handler; and so is a reason.
func TestNoAnswer(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	v.Ctx.Reason = 32
	vmcs.ExitReason.Write(32)
	assert.Panics(t, func() { v.unexpected(c, 32) }) // which a reset is on a host
	assert.Equal(t, Running, p.State)
	assert.Panics(t, func() { v.stop(WhyNone, 0) })
	assert.Equal(t, Running, p.State)
	vmcs.ExitReason.Write(63)
	v.unexpected(c, 63)
	assert.Equal(t, Stopped, p.State)
	assert.EqualValues(t, WhyUnexpected, p.Why)
}

// What is loaded for a VP is such that the processor takes it, however wrong it was.
func TestLoadable(t *testing.T) {
	_, p := bench(t, 1)
	v := p.VP(0)
	tab.Host.XCR0 = 7
	for in, want := range map[uint64]uint64{0: 0, 1: 1, 3: 3, 7: 7, 5: 7, 6: 7, 1<<40 | 3: 7} {
		v.XCR0 = in
		v.loadable()
		assert.Equal(t, want, v.XCR0, "%#x", in)
	}
	x := &v.Ctx
	x.LSTAR, x.KernelGSBase, x.FMASK, x.TSCAux, x.DR6, x.MXCSR = 0xffff8123_00000000^1<<60, 0x7fff00000000|1<<50, 1<<33|0x200, 1<<63|5, 1<<40|0xffff0ff0, 1<<16|0x1f80
	v.loadable()
	assert.Equal(t, [...]uint64{0xffff8123_00000000, 0x7fff00000000, 0x200, 5, 0xffff0ff0, 0x1f80}, [...]uint64{x.LSTAR, x.KernelGSBase, x.FMASK, x.TSCAux, x.DR6, x.MXCSR})
}

// A reason that the VMCS does not have is a fault of ours, whichever copy of it is wrong.
func TestMistaken(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	vmcs.ExitReason.Write(10)
	for _, kept := range []uint64{10, 10 | 1<<22} {
		v.Ctx.Reason = kept
		assert.Panics(t, func() { v.unexpected(c, 10|1<<22) }) // which a reset is on a host
		assert.EqualValues(t, 10, v.Ctx.Reason)
		assert.Equal(t, Running, p.State)
	}
}
