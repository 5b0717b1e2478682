//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// Whatever was wrong with what leads to a VP's running, it is asked for once more.
func TestDoubt(t *testing.T) {
	c, p := bench(t, 2)
	v, other := p.VP(0), p.VP(1)
	now := x86.RDTSC()
	h := tab.Host
	h.TickLen, h.EarlyMax, h.SliceLen, h.VPs = 1000, 77, 1000, 2
	h.Tick, c.Early[1], c.Slice = now*2, 1<<40, now*2
	c.Queue, v.VMCS, other.VMCS = 0, 4096, 8192
	v.Ready, v.VTime, v.State = now*2, h.VTime+1<<60, VPHalted
	other.CPU, other.State, other.Holder = 99, VPState(77), 0
	c.doubt()
	assert.LessOrEqual(t, h.Tick, x86.RDTSC())
	assert.EqualValues(t, 77, c.Early[1])
	assert.LessOrEqual(t, c.Slice, x86.RDTSC()+h.SliceLen)
	assert.Equal(t, [...]uint64{never, 1, 1}, [...]uint64{c.Armed, c.Stale, c.Rearm})
	assert.EqualValues(t, 3, c.Queue)
	assert.EqualValues(t, c.Index+1, v.Holder, "it has it")
	assert.Zero(t, other.Holder)
	assert.Equal(t, h.VTime, v.VTime)
	assert.Equal(t, EvDoubt|EvIntr|EvKick, v.Events&(EvDoubt|EvIntr|EvKick))
	assert.Equal(t, EvDoubt|EvIntr, other.Events&(EvDoubt|EvIntr|EvKick))
	assert.Equal(t, c.Index, other.CPU)
	assert.Equal(t, VPRun, other.State)
	assert.True(t, v.runnable(), "it sleeps, and is to look")
}

// A VP that sleeps may have been forgotten: its controls are as they must be, its timer
// comes, and nothing stays in service.
func TestDoubted(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	v.Ctx.Reset()
	v.LAPIC.Reset(0, true)
	v.LAPIC.SVR = 0x1ff
	v.LAPIC.LVT[0] = 2<<17 | 0x40
	v.LAPIC.ISR = [4]uint64{1: 1 << 1}
	v.State, v.Events, v.Window, v.Inject = VPHalted, EvDoubt, windowIntr, 0
	v.NotBefore = never
	vmcs.GuestRFLAGS.Write(x86.RFLAGSIF)
	vmcs.TSCOffset.Write(12345)
	vmcs.PrimaryControls.Write(0)
	v.doubted(c)
	assert.Zero(t, vmcs.TSCOffset.Read())
	assert.NotZero(t, vmcs.PrimaryControls.Read()&vmcs.PrimInterruptWindow)
	assert.Zero(t, v.NotBefore)
	assert.Equal(t, [4]uint64{}, v.LAPIC.ISR)
	assert.EqualValues(t, 0x40, v.LAPIC.Highest())
	assert.Equal(t, EvIntr, v.Events&(EvDoubt|EvIntr))

	v.LAPIC.IRR, v.LAPIC.ISR, v.State, v.Events = [4]uint64{}, [4]uint64{1: 1 << 1}, VPRun, EvDoubt
	v.doubted(c) // it runs: a handler of its own may be under way
	assert.NotZero(t, v.LAPIC.ISR[1])
	assert.Equal(t, -1, v.LAPIC.Highest())
}
