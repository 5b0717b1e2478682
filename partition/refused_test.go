//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

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
	v.unexpected(c, vmx.Refused|7)
	assert.EqualValues(t, 65|injValid, v.Inject)
	assert.EqualValues(t, uint32(65|injValid), vmcs.EntryInterruptionInfo.Read())
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
