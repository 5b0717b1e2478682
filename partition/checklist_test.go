//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/kernel/x86"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// What the repairs of a processor make good besides what TestRepair plants: each of
// these is an entry of the list in docs/rest.md. All are done twice.
func TestChecklist(t *testing.T) {
	for _, x := range []struct {
		name  string
		plant func(c *CPU, v *VP)
		good  func(c *CPU, v *VP) bool
	}{
		{"1, 12: a log of nobody's that was never committed", func(c *CPU, v *VP) { c.Log.Set(&v.Bad, 9) },
			func(c *CPU, v *VP) bool { return v.Bad == 0 && c.Log.N == 0 }},
		{"6: a lock of another processor's stays", func(c *CPU, v *VP) { v.partition().Lock = c.Index + 2 },
			func(c *CPU, v *VP) bool { return v.partition().Lock == c.Index+2 }},
		{"7: a processor that thinks it sleeps, lends or gave way", func(c *CPU, v *VP) { c.Watch.Asleep, c.Watch.Lent, c.Yields = 1, 1, v.bit() },
			func(c *CPU, v *VP) bool { return c.Watch.Asleep|c.Watch.Lent|c.Yields == 0 }},
		{"8, 20: a timer that is thought to be set", func(c *CPU, v *VP) { v.LAPIC.Deadline, c.Armed, c.Slice = 5, 5, 7 },
			func(c *CPU, v *VP) bool {
				return c.Armed == never && c.Slice == never && c.Rearm == 1 && v.LAPIC.Deadline == 5
			}},
		{"8: timers of others that were being gathered", func(c *CPU, v *VP) { c.Others, c.Stale = 3, 0 },
			func(c *CPU, v *VP) bool { return c.Stale == 1 }},
		{"11, 25: an exit that was not committed", func(c *CPU, v *VP) { v.Log.Set(&v.Bad, 9) },
			func(c *CPU, v *VP) bool { return v.Bad == 0 && v.Log.N == 0 }},
		{"11, 25: one that was, and half of it is done", func(c *CPU, v *VP) {
			v.Log.Set(&v.Bad, 9)
			v.Log.Or(&v.Calls, 4)
			v.Ctx.Commit, v.Bad = vmx.CommitRIP|vmx.CommitLog, 9
		}, func(c *CPU, v *VP) bool {
			return v.Bad == 9 && v.Calls == 4 && v.Log.N == 0 && v.Ctx.Commit == vmx.CommitRIP
		}},
		{"11, 25: the end of an interrupt, committed and not done", func(c *CPU, v *VP) {
			v.LAPIC.ISR[1], v.Ctx.OutRAX, v.Ctx.Commit = 6, 65, vmx.CommitRIP|vmx.CommitEnd
		}, func(c *CPU, v *VP) bool { return v.LAPIC.ISR[1] == 4 && v.Ctx.Commit == vmx.CommitRIP }},
		{"11, 25: a timer, committed and not set", func(c *CPU, v *VP) {
			v.Ctx.OutRAX, v.Ctx.Commit = 1<<60, vmx.CommitRIP|vmx.CommitTimer
		}, func(c *CPU, v *VP) bool { return v.LAPIC.Deadline == 1<<60 && v.Ctx.Commit == vmx.CommitRIP }},
		{"11, 25: an interrupt that is being given, and half taken into service", func(c *CPU, v *VP) {
			v.LAPIC.ISR[1], v.LAPIC.IRR[1], v.Inject = 2, 2, 65|injValid|accepting
			vmcs.EntryInterruptionInfo.Write(65 | injValid)
		}, func(c *CPU, v *VP) bool {
			return v.LAPIC.ISR[1] == 2 && v.LAPIC.IRR[1] == 0 && v.Inject == 65|injValid
		}},
		{"17: looks that were missed before", func(c *CPU, v *VP) { c.Watch.Missed, c.Watch.At = 7, 0 },
			func(c *CPU, v *VP) bool { return c.Watch.Missed == 0 && c.Watch.At != 0 }},
		{"22, 23: a VMCS with the tables of the other set", func(c *CPU, v *VP) { v.Instance = tab.Host.Instance },
			func(c *CPU, v *VP) bool { return v.Instance != tab.Host.Instance }},
		{"27: a HLT that slept before it was committed", func(c *CPU, v *VP) {
			v.State, v.Ctx.Reason = VPHalted, uint64(vmcs.ReasonHLT)
			vmcs.GuestRFLAGS.Write(x86.RFLAGSIF)
			vmcs.GuestInterruptibility.Write(0)
		}, func(c *CPU, v *VP) bool { return v.State == VPRun && vmcs.GuestInterruptibility.Read()&3 == 1 }},
		{"29: an interrupt that was looked at", func(c *CPU, v *VP) { v.Events = 0 },
			func(c *CPU, v *VP) bool { return v.Events&EvIntr != 0 }},
		{"31: time that nobody was charged for", func(c *CPU, v *VP) { v.Running = x86.RDTSC() - 1000 },
			func(c *CPU, v *VP) bool { return v.Running == 0 && v.Ran >= 1000 }},
	} {
		c, p := bench(t, 2)
		v := p.VP(0)
		tab.Host.Instance, v.XCR0, c.FPU = 3, 1, c.Active
		vmcs.EntryInterruptionInfo.Write(0)
		x.plant(c, v)
		for range 2 {
			for _, f := range own {
				f(c)
			}
		}
		assert.True(t, x.good(c, v), x.name)
	}
}

// 13: that a processor has not forgotten yet what translations lead to memory that
// was given back survives a reset; it is asked again before anything runs.
func TestChecklistFlush(t *testing.T) {
	c, p := bench(t, 2)
	p.VP(0).XCR0, c.FPU = 1, c.Active
	tab.Host.FlushGen, c.Flushed = 7, 6
	for range 2 {
		for _, f := range own {
			f(c)
		}
		assert.EqualValues(t, 6, c.Flushed, "it has not")
	}
}

// 21: a line that was to be programmed is programmed.
func TestChecklistLines(t *testing.T) {
	c, p := bench(t, 2)
	done := uint64(0)
	defer func(f func(*CPU)) { programLater = f }(programLater)
	programLater = func(c *CPU) { done, c.Program = done|c.Program, 0 }
	p.VP(0).XCR0, c.FPU, c.Program = 1, c.Active, 1<<5
	for _, f := range own {
		f(c)
	}
	c.after()
	assert.EqualValues(t, 1<<5, done)
}

// 23: host state that is not ours is noticed when it is asked for, and written anew.
func TestChecklistHostState(t *testing.T) {
	c, p := bench(t, 2)
	v := p.VP(0)
	tab.Host.Instance, v.Instance = 2, 2
	vmcs.HostCR3.Write(0x123000)
	c.Inspect.Asked = 5
	c.inspect()
	assert.NotZero(t, c.Inspect.Wrong)
	assert.Zero(t, v.Instance)
	c.inspect()
	assert.Zero(t, c.Inspect.Wrong, "it has nothing that could be wrong")
}
