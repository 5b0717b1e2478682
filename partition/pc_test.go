//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/kernel/x86"
	"perdure/partition/abi"
	"perdure/partition/lapic"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// oldPC makes a guest of the PC platform with two VPs.
func oldPC(t *testing.T) (*CPU, *Partition) {
	c, p := bench(t, 2)
	vmcs.Forget()
	p.Kind, p.Config.Platform, p.SerialGSI = Guest, abi.PlatformPC, abi.SerialGSI
	p.resetPC()
	for i := range p.VPs {
		p.VP(i).wire()
	}
	vmcs.GuestRFLAGS.Write(x86.RFLAGSIF)
	return c, p
}

// out and in are port accesses of one byte.
func out(c *CPU, v *VP, port uint16, vals ...uint8) {
	for _, val := range vals {
		vmcs.ExitQualification.Put(uint64(port) << 16)
		v.Ctx.Regs[vmx.RAX] = uint64(val)
		answer(c, v, vmcs.ReasonIO)
	}
}

func in(c *CPU, v *VP, port uint16) uint8 {
	vmcs.ExitQualification.Put(uint64(port)<<16 | 1<<3)
	answer(c, v, vmcs.ReasonIO)
	return uint8(v.Ctx.Regs[vmx.RAX])
}

func TestOldPC(t *testing.T) {
	c, p := oldPC(t)
	v := p.VP(0)
	out(c, v, 0x20, 0x11)
	out(c, v, 0x21, 0x20, 4, 1, 0xfe)
	out(c, v, 0x43, 0x34)
	v.Ctx.TSC = 1000
	out(c, v, 0x40, 0, 1)
	assert.True(t, v.serve(c), "nothing to do but to look")
	assert.Zero(t, v.Inject)
	assert.NotZero(t, p.PIT.Deadline)
	assert.Equal(t, p.PIT.Deadline, v.deadline())
	assert.Equal(t, p.PIT.Deadline, c.Armed, "the processor's timer")
	assert.Zero(t, p.VP(1).deadline(), "the other one is not wired")

	v.State = VPHalted
	c.expire(v, true, p.PIT.Deadline)
	assert.Zero(t, p.Lock)
	assert.True(t, v.serve(c))
	assert.Equal(t, VPRun, v.State)
	assert.EqualValues(t, 0x20|injExternal|injValid, v.Inject)
	out(c, v, 0x20, 0x0b)
	assert.EqualValues(t, 1, in(c, v, 0x20), "in service")
	v.Inject = 0
	out(c, v, 0x20, 0x20)
	assert.True(t, v.serve(c))
	assert.Zero(t, v.Inject, "it ended")

	// Whatever does not let it through keeps it.
	for name, change := range map[string]func(){
		"LINT0 is masked":      func() { v.LAPIC.LVT[lapic.LVTLINT0] |= lapic.LVTMasked },
		"LINT0 is no ExtINT":   func() { v.LAPIC.LVT[lapic.LVTLINT0] = 0x30 },
		"interrupts are off":   func() { vmcs.GuestRFLAGS.Write(0) },
		"STI is just executed": func() { vmcs.GuestInterruptibility.Write(vmcs.BlockedBySTI) },
		"something comes first": func() {
			v.Inject = 0x80000030
		},
	} {
		p.PIC.Pulse(&c.Log, irqTimer)
		c.Log.Apply()
		v.Events |= EvIntr
		change()
		was := v.Inject
		assert.True(t, v.serve(c))
		assert.Equal(t, was, v.Inject, name)
		assert.True(t, p.PIC.Wants(), name)
		vmcs.GuestRFLAGS.Write(x86.RFLAGSIF)
		vmcs.GuestInterruptibility.Write(0)
		v.LAPIC.LVT[lapic.LVTLINT0], v.Inject, v.Window = lvtExtINT, 0, 0
	}
	v.LAPIC.Base &^= lapic.BaseEnable
	v.LAPIC.LVT[lapic.LVTLINT0] |= lapic.LVTMasked
	v.Events |= EvIntr
	assert.True(t, v.serve(c))
	assert.EqualValues(t, 0x20|injExternal|injValid, v.Inject, "without a local APIC")
}

// Others have no such ports; root has 8259s that are never asked for anything.
func TestOldPortsAreOfOldPCs(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	assert.EqualValues(t, 0xff, in(c, v, 0x40))
	assert.EqualValues(t, 0xff, in(c, v, 0x21))
	out(c, v, 0x21, 0x5a)
	assert.EqualValues(t, 0x5a, in(c, v, 0x21))
	p.pulse(c, &c.Log)
	c.Log.Apply()
	out(c, v, 0x20, 0x0a)
	assert.Zero(t, in(c, v, 0x20))
	p.Kind = Guest
	p.resetPC()
	out(c, v, 0x21, 0x5a)
	out(c, v, 0x40, 0x5a)
	assert.EqualValues(t, 0xff, in(c, v, 0x21))
	assert.EqualValues(t, 0xff, in(c, v, 0x40))
}

// A local APIC that is switched off forgets what was pending and in service.
func TestAPICForgets(t *testing.T) {
	c, p := bench(t, 1)
	vmcs.Forget()
	v := p.VP(0)
	v.LAPIC.ISR[1], v.LAPIC.IRR[0] = 1<<32, 1<<40
	for _, base := range []uint64{lapic.BaseAddress, lapic.BaseAddress | lapic.BaseEnable, lapic.BaseAddress | lapic.BaseEnable | lapic.BaseX2} {
		regs(v, base, 0, uint64(x86.MSRAPICBase), 0)
		assert.Equal(t, Advance|Changes, answer(c, v, vmcs.ReasonWRMSR))
		assert.True(t, v.serve(c))
		assert.Zero(t, v.LAPIC.ISR)
		assert.Zero(t, v.LAPIC.IRR)
		assert.Zero(t, v.LAPIC.Due)
	}
}
