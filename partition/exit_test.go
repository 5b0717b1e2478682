//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/partition/abi"
	"perdure/partition/net"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// bench makes kept tables in ordinary memory, with a root partition of n VPs.
func bench(t testing.TB, n uint64) (*CPU, *Partition) {
	t.Helper()
	console.Adopt(new(console.State), false) // where it was until now may be gone
	tab = tables{
		Host:       &Host{VPs: n, CPUs: n, TSCHz: 3e9, TSCRatio: 1, XCR0: 0xe7, CR4Allowed: 0x7ff, ConsoleGSI: never, Tick: never},
		Partitions: new([MaxPartitions]Partition), VPs: new([MaxVPs]VP), CPUs: new([MaxCPUs]CPU),
		Areas: new([MaxVPs]x86.XArea), Console: new(console.State), Switch: new(net.Switch),
	}
	p := Lookup(0)
	p.State, p.Kind, p.VPs, p.Memory = Running, Root, n, 64<<20
	p.IOAPIC.Reset(1, 24, 0)
	p.Serial.Reset()
	p.PIC.Reset()
	for i := range n {
		v := p.VP(i)
		v.ID, v.CPU, v.State, v.Holder = i, i, VPRun, i+1
		v.LAPIC.Reset(uint32(i), i == 0)
		v.LAPIC.Base |= x86.APICBaseX2APIC
		v.LAPIC.SVR |= 0x100
		tab.CPUs[i] = CPU{Index: i, APICID: i, Online: 1, Armed: never, Slice: never, Others: never, Active: i + 1, Queue: 1 << i}
	}
	return &tab.CPUs[0], p
}

// answer runs the handler of an exit as the run loop does, and the commit.
func answer(c *CPU, v *VP, r vmcs.Reason) Verdict {
	v.Ctx.RIP, v.Ctx.Len = 0x1000, 2
	d := exits[r](c, v)
	v.Ctx.Commit = uint64(d & early)
	if d&Changes != 0 {
		v.Log.Apply()
		c.after()
	} else if d&early != 0 {
		v.makes(c)
	}
	v.Ctx.Commit = 0
	if d&ABCD != 0 {
		r := &v.Ctx.Regs
		r[vmx.RAX], r[vmx.RBX], r[vmx.RCX], r[vmx.RDX] = v.Ctx.OutRAX, v.Ctx.OutRBX, v.Ctx.OutRCX, v.Ctx.OutRDX
	}
	if d&(RAX|ABCD) == RAX {
		v.Ctx.Regs[vmx.RAX] = v.Ctx.OutRAX
	}
	return d
}

func regs(v *VP, a, b, c, d uint64) {
	r := &v.Ctx.Regs
	r[vmx.RAX], r[vmx.RBX], r[vmx.RCX], r[vmx.RDX] = a, b, c, d
}

func TestCPUIDIsAnAllowList(t *testing.T) {
	c, p := bench(t, 2)
	v := p.VP(1)
	ask := func(leaf, sub uint64) [4]uint32 {
		regs(v, leaf, 0, sub, 0)
		assert.Equal(t, Advance|ABCD, answer(c, v, vmcs.ReasonCPUID))
		r := &v.Ctx.Regs
		return [4]uint32{uint32(r[vmx.RAX]), uint32(r[vmx.RBX]), uint32(r[vmx.RCX]), uint32(r[vmx.RDX])}
	}
	one := ask(1, 0)
	assert.Zero(t, one[2]&(1<<5|1<<6|1<<3), "no VMX, SMX, MONITOR")
	assert.NotZero(t, one[2]>>21&1, "x2APIC")
	assert.NotZero(t, one[2]>>24&1, "TSC deadline")
	assert.NotZero(t, one[2]>>31, "a hypervisor is there")
	assert.EqualValues(t, 1, one[1]>>24, "APIC id")
	assert.Equal(t, [4]uint32{1, 1, 3e9, 0}, ask(0x15, 0))
	assert.Equal(t, [4]uint32{arat}, ask(6, 0))
	assert.Equal(t, [4]uint32{}, ask(0xa, 0), "no PMU")
	assert.Equal(t, [4]uint32{}, ask(0x14, 0), "no trace")
	assert.Equal(t, [4]uint32{abi.LeafTiming, abi.SignatureB, abi.SignatureC, abi.SignatureD}, ask(abi.LeafMax, 0))
	assert.Equal(t, [4]uint32{abi.LeafKVMFeat, abi.KVMSignatureB, abi.KVMSignatureC, abi.KVMSignatureD}, ask(abi.LeafKVM, 0))
	assert.EqualValues(t, 1, ask(0xb, 1)[3], "x2APIC id in the topology")
	assert.EqualValues(t, 2, ask(0xb, 1)[1], "two cores")
}

func TestMSRs(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	read := func(n x86.MSR) (uint64, Verdict) {
		regs(v, 0, 0, uint64(n), 0)
		d := answer(c, v, vmcs.ReasonRDMSR)
		return v.Ctx.Regs[vmx.RAX] | v.Ctx.Regs[vmx.RDX]<<32, d
	}
	write := func(n x86.MSR, val uint64) Verdict {
		regs(v, val&0xffffffff, 0, uint64(n), val>>32)
		return answer(c, v, vmcs.ReasonWRMSR)
	}
	refused := func(d Verdict) bool { return d == Resume && v.Fault&0xff == x86.VectorGP }

	val, d := read(x86.MSRFeatureControl)
	assert.Equal(t, Advance|ABCD, d)
	assert.EqualValues(t, 1, val, "locked, without VMX")
	for _, n := range []x86.MSR{x86.MSRVMXBasic, x86.MSRPlatformInfo, 0x4b564d00, 0xffffffff} {
		v.Fault = 0
		_, d = read(n)
		assert.True(t, refused(d), "read of %#x", n)
	}
	v.Fault = 0
	assert.True(t, refused(write(x86.MSRDebugCtl, 1<<6)))
	v.Fault = 0
	assert.True(t, refused(write(x86.MSRXSS, 1)))
	assert.Equal(t, Advance|Changes, write(0x200, 0x12006), "MTRRs are the partition's own")
	val, _ = read(0x200)
	assert.EqualValues(t, 0x12006, val)
	v.Fault = 0
	assert.True(t, refused(write(0x200, 0x12002)), "no memory type is 2")
	assert.Equal(t, Advance, write(0x80b, 0), "EOI with nothing to end")
	v.LAPIC.ISR[1], v.LAPIC.TMR[1] = 3, 1
	assert.Equal(t, Advance|Ends, write(0x80b, 0), "of an edge")
	assert.Equal(t, Advance|Changes, write(0x80b, 0), "of a level")
	assert.EqualValues(t, 0, v.LAPIC.ISR[1])
	assert.Equal(t, Advance|Changes, write(0x832, 2<<17|0x40), "the timer in TSC-deadline mode")
	assert.Equal(t, Advance|Timer, write(x86.MSRTSCDeadline, 1<<60))
	assert.EqualValues(t, uint64(1<<60), v.LAPIC.Deadline)
	assert.EqualValues(t, uint64(1<<60), c.Armed, "the physical timer follows")
	v.Ctx.TSC, v.Events = 1000, 0
	assert.Equal(t, Advance|Changes, write(x86.MSRTSCDeadline, 999))
	assert.NotZero(t, v.Events&EvIntr, "a deadline that has passed is looked at now")
	assert.Equal(t, Advance|Timer, write(x86.MSRTSCDeadline, 0), "disarmed")
}

func TestPICAndSerialPorts(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	io := func(port uint16, in bool, val uint64) uint64 {
		q := uint64(port) << 16
		if in {
			q |= 1 << 3
		}
		vmcs.ExitQualification.Put(q)
		regs(v, val, 0, 0, 0)
		answer(c, v, vmcs.ReasonIO)
		return v.Ctx.Regs[vmx.RAX]
	}
	io(0x21, false, 0xab)
	assert.EqualValues(t, 0xab, io(0x21, true, 0))
	io(0x3ff, false, 0x5a)
	assert.EqualValues(t, 0xffffff5a, io(0x3ff, true, 0xffffff00), "the scratch register; only AL changes")
	assert.Zero(t, p.Lock, "the lock is given back by the commit")
}

func TestINITAndSIPIReachTheOther(t *testing.T) {
	c, p := bench(t, 2)
	v, other := p.VP(0), p.VP(1)
	icr := func(low uint64) {
		regs(v, low, 0, 0x830, 1)
		assert.Equal(t, Advance|Changes, answer(c, v, vmcs.ReasonWRMSR))
	}
	icr(0x4500)
	assert.NotZero(t, other.Events&EvINIT)
	icr(0x4608)
	assert.NotZero(t, other.Events&EvSIPI)
	assert.EqualValues(t, 8, other.SIPI)
	other.Events = 0
	icr(0x40ef)
	assert.NotZero(t, other.Events&EvIntr)
	assert.Equal(t, 0xef, other.LAPIC.Highest())
}

// TestExitsDoNotAllocate is exit.allocs.
func TestExitsDoNotAllocate(t *testing.T) {
	c, p := bench(t, 2)
	v := p.VP(0)
	vmcs.ExitQualification.Put(0x3fb<<16 | 1<<3)
	for _, r := range []vmcs.Reason{vmcs.ReasonCPUID, vmcs.ReasonRDMSR, vmcs.ReasonWRMSR, vmcs.ReasonIO, vmcs.ReasonHLT, vmcs.ReasonVMCALL, vmcs.ReasonPAUSE, vmcs.ReasonInterruptWindow} {
		regs(v, 0x10001, 0, 0x80b, 0)
		assert.Zero(t, testing.AllocsPerRun(100, func() { answer(c, v, r) }), "%v", r)
	}
}

func TestHypercallsThatAreNone(t *testing.T) {
	c, p := bench(t, 1)
	v := p.VP(0)
	call := func(rax uint64) int64 {
		regs(v, rax, 0, 0, 0x77)
		answer(c, v, vmcs.ReasonVMCALL)
		assert.EqualValues(t, 0x77, v.Ctx.Regs[vmx.RDX])
		return int64(v.Ctx.Regs[vmx.RAX])
	}
	assert.EqualValues(t, 0, call(abi.Word(abi.CallNull)))
	assert.EqualValues(t, abi.ErrKVM, call(5))
	assert.EqualValues(t, abi.ErrVersion, call(99<<16|1))
	assert.EqualValues(t, abi.ErrCall, call(abi.Version<<16|0xfff))
	assert.EqualValues(t, 3, v.BadCalls)
	p.Kind = Guest
	assert.EqualValues(t, abi.ErrRights, call(abi.Word(abi.CallInfo)))
}

// TestHLTDoesNotSleepOverAnInterrupt: an interrupt came while IF was 0, so the
// window was opened; STI and HLT follow, and HLT exits before the window does.
func TestHLTDoesNotSleepOverAnInterrupt(t *testing.T) {
	vmcs.Forget()
	c, p := bench(t, 2)
	v := p.VP(0)
	v.LAPIC.Request(0xfd, false)
	v.Events = EvIntr
	vmcs.GuestRFLAGS.Write(2)
	assert.True(t, v.serve(c), "it runs on until it can take the interrupt")
	assert.EqualValues(t, windowIntr, v.Window)
	vmcs.GuestRFLAGS.Write(2 | x86.RFLAGSIF)
	vmcs.GuestInterruptibility.Write(vmcs.BlockedBySTI)
	answer(c, v, vmcs.ReasonHLT)
	assert.True(t, v.runnable())
	assert.True(t, v.serve(c))
	assert.Equal(t, VPRun, v.State)
	assert.EqualValues(t, 0xfd|injValid, v.Inject)
}

// TestTimersAreEarly: the physical timer is set ahead of a deadline by what was
// learnt, never before the beginning of time, and the guest gets its interrupt
// no earlier than it asked for.
func TestTimersAreEarly(t *testing.T) {
	vmcs.Forget()
	c, p := bench(t, 1)
	v := p.VP(0)
	tab.Host.EarlyMax = 1 << 20
	c.Early = [3]uint64{100, 300}
	assert.EqualValues(t, 900, c.ahead(1000, 0))
	assert.EqualValues(t, 1, c.ahead(50, 0))
	assert.EqualValues(t, 700, c.ahead(1000, 1))
	v.NotBefore = x86.RDTSC() + 100000
	end := v.NotBefore
	v.hold(c)
	assert.GreaterOrEqual(t, x86.RDTSC(), end)
	assert.Zero(t, v.NotBefore)
	assert.Less(t, c.Early[0], uint64(100), "it was too early")
	v.NotBefore = x86.RDTSC() - 1000
	v.Slept = 1
	v.hold(c)
	assert.Greater(t, c.Early[1], uint64(300), "it was too late")
}
