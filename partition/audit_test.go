//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// Whoever has done nothing for a while is looked at again; whoever has is left alone.
func TestAudit(t *testing.T) {
	c, p := bench(t, 2)
	clear(audited[:])
	tab.Host.TickLen, tab.Host.SliceLen = 1000, 1000
	for i := range tab.Host.VPs {
		v := p.VP(i)
		v.CPU, v.VMCS, v.Ctx.TSC, v.State = 0, 4096*(i+1), 100+i, VPHalted
	}
	v, other := p.VP(0), p.VP(1)
	other.Holder, tab.CPUs[1].Active, tab.CPUs[1].Queue, c.Queue = 0, 0, 0, 1
	c.audit()
	assert.Zero(t, v.Events, "it may have halted just now")
	other.Ctx.TSC++
	other.LAPIC.Request(0x41, false)
	c.audit()
	assert.Equal(t, EvDoubt|EvIntr|EvKick, v.Events)
	assert.Equal(t, EvIntr, other.Events, "it goes on, and has forgotten an interrupt")
	assert.EqualValues(t, 1, c.Queue)
	other.State = VPRun
	c.audit()
	c.audit()
	assert.EqualValues(t, 3, c.Queue, "nobody would ever have run it")
	assert.Equal(t, EvDoubt|EvIntr, other.Events)

	v.Events, p.Hold = 0, HoldPause
	c.audit()
	assert.Zero(t, v.Events, "it is not to run")
	p.Hold = 0
	tab.Host.Work = 0
	for s, want := range map[VPState]uint64{VPCall: WorkCall, VPDecode: WorkDecode} {
		v.State = s
		c.audit()
		c.audit()
		assert.Equal(t, want, tab.Host.Work&want)
	}
}

// An audit comes some times in a second.
func TestAuditDue(t *testing.T) {
	c, _ := bench(t, 1)
	defer kernel.This().Lower(flagAudit)
	h := tab.Host
	for _, s := range []struct {
		next uint64
		due  bool
	}{{1000, true}, {999, true}, {1001, false}, {1000 + h.TSCHz, false}, {1001 + h.TSCHz, true}} {
		nextAudit[0], c.Leave = s.next, 0
		c.auditDue(1000)
		assert.Equal(t, s.due, c.Leave == 1, "%d", s.next)
		assert.Equal(t, s.due, kernel.This().Lower(flagAudit) != 0)
		if s.due {
			assert.Equal(t, 1000+h.TSCHz/audits, nextAudit[0])
		}
	}
}

// A guest that only sleeps hears nothing that it has not asked for; what holds back another
// interrupt while it sleeps is ended; root hears its timer.
func TestAudited(t *testing.T) {
	for _, s := range []struct {
		name      string
		part      uint64
		idle      bool
		irr, left uint64
		highest   int
		slept     uint64 // seconds
	}{
		{"a guest, after a reset", 1, false, 0, 0, 0x40, 0},
		{"a guest", 1, true, 0, 2, -1, 2},
		{"a guest whose interrupt waits", 1, true, 1, 0, 0x30, 0},
		{"root", 0, true, 0, 0, 0x40, 2},
		{"root, that has slept for less than a second", 0, true, 0, 2, -1, 0},
	} {
		c, p := bench(t, 1)
		v := p.VP(0)
		*Lookup(1) = *p
		v.Part = s.part
		v.Ctx.Reset()
		v.LAPIC.SVR, v.LAPIC.LVT[0], v.State = 0x1ff, 2<<17|0x40, VPHalted
		v.LAPIC.ISR = [4]uint64{1: 2}
		v.LAPIC.IRR = [4]uint64{0: s.irr << 0x30}
		audited[0].idle, audited[0].since = s.idle, x86.RDTSC()-s.slept*tab.Host.TSCHz
		vmcs.GuestRFLAGS.Write(x86.RFLAGSIF)
		v.doubted(c)
		assert.Equal(t, s.left, v.LAPIC.ISR[1], s.name)
		assert.Equal(t, s.highest, v.LAPIC.Highest(), s.name)
	}
	audited[0].idle = false
}
