package partition

import (
	"perdure/kernel/x86"
	"perdure/partition/tx"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// exitRDMSR answers a read of an MSR that the bitmap does not let through. What
// is not listed does not exist: #GP. SDM Vol. 2B, "RDMSR".
//
//go:nosplit
func exitRDMSR(c *CPU, v *VP) Verdict {
	n := x86.MSR(v.Ctx.Regs[vmx.RCX])
	if n >= x86.MSRX2APICFirst && n <= x86.MSRX2APICLast {
		val, ok := v.LAPIC.ReadMSR(uint32(n), v.Ctx.TSC)
		if !ok {
			return v.gp()
		}
		return v.edxEAX(val)
	}
	if p := v.Ctx.MSR(n); p != nil {
		return v.edxEAX(*p)
	}
	if val, ok := v.readMTRR(n); ok {
		return v.edxEAX(val)
	}
	switch n {
	case x86.MSRTSC:
		return v.edxEAX(x86.RDTSC())
	case x86.MSRTSCDeadline:
		return v.edxEAX(v.LAPIC.TSCDeadline())
	case x86.MSRAPICBase:
		return v.edxEAX(v.LAPIC.Base)
	case x86.MSRFeatureControl:
		return v.edxEAX(x86.FeatureControlLocked) // and nothing in it: no VMX, no SMX
	case x86.MSRMiscEnable:
		return v.edxEAX(tab.Host.MiscEnable)
	case x86.MSRMicrocodeRevision:
		return v.edxEAX(tab.Host.Microcode)
	case x86.MSRPlatformID:
		return v.edxEAX(tab.Host.PlatformID)
	case x86.MSRDebugCtl:
		return v.edxEAX(vmcs.GuestDebugCtl.Read())
	case x86.MSRTSCAdjust: // the TSC is the machine's
		if v.partition().Kind == Root {
			return v.gp()
		}
		return v.edxEAX(0)
	case x86.MSRXSS, x86.MSRMCGStatus, x86.MSRMCGCap, x86.MSRP5MCAddr, x86.MSRMiscFeaturesEnables:
		return v.edxEAX(0) // nothing supported, nothing on, no banks
	}
	return v.gp()
}

// edxEAX is the commit of an RDMSR.
//
//go:nosplit
func (v *VP) edxEAX(val uint64) Verdict {
	v.Ctx.OutRAX, v.Ctx.OutRBX = val&0xffffffff, v.Ctx.Regs[vmx.RBX]
	v.Ctx.OutRCX, v.Ctx.OutRDX = v.Ctx.Regs[vmx.RCX], val>>32
	return Advance | ABCD
}

// msrEOI is the x2APIC's EOI register, the MSR that is written most.
const msrEOI = x86.MSRX2APICFirst + 0xb

// endOfInterrupt is the guest's EOI. What waits is looked at only if there is
// anything: an EOI mostly ends the only one.
//
//go:nosplit
func (v *VP) endOfInterrupt(c *CPU) Verdict {
	vec, level := v.LAPIC.Serving()
	if vec == 0 {
		return Advance
	}
	if v.LAPIC.Waiting() {
		v.consider()
	}
	if level {
		v.LAPIC.WriteEOI(&v.Log)
		v.endInterrupt(c, vec)
		return Advance | Changes
	}
	if tx.Direct {
		v.LAPIC.End(vec)
		return Advance
	}
	v.Ctx.OutRAX = uint64(vec)
	return Advance | Ends
}

// exitWRMSR answers a write of an MSR that the bitmap does not let through.
//
//go:nosplit
func exitWRMSR(c *CPU, v *VP) Verdict {
	n := x86.MSR(v.Ctx.Regs[vmx.RCX])
	val := v.Ctx.Regs[vmx.RAX]&0xffffffff | v.Ctx.Regs[vmx.RDX]<<32
	if n == x86.MSRTSCDeadline {
		if v.LAPIC.CountsTSC() && val-1 >= v.Ctx.TSC { // it is to come, or not at all
			c.Rearm = 1
			if tx.Direct {
				v.LAPIC.Deadline = val
				return Advance | Changes
			}
			v.Ctx.OutRAX = val
			return Advance | Timer
		}
		v.LAPIC.SetTSCDeadline(&v.Log, val, v.Ctx.TSC)
		if val <= v.Ctx.TSC { // it fires at once, unless it was disarmed
			v.consider()
		}
		return v.timerChanged(c)
	}
	if n == msrEOI && val == 0 && v.LAPIC.X2() {
		return v.endOfInterrupt(c)
	}
	if n >= x86.MSRX2APICFirst && n <= x86.MSRX2APICLast {
		e, ok := v.LAPIC.WriteMSR(&v.Log, uint32(n), val, v.Ctx.TSC)
		if !ok {
			v.Log.Reset()
			return v.gp()
		}
		return v.lapicEffect(c, &e)
	}
	if p := v.Ctx.MSR(n); p != nil {
		return v.writeLive(n, p, val)
	}
	if ok, good := v.writeMTRR(n, val); ok {
		if !good {
			return v.gp()
		}
		return Advance | Changes
	}
	switch n {
	case x86.MSRAPICBase:
		if !v.LAPIC.WriteBase(&v.Log, val) {
			v.Log.Reset()
			return v.gp()
		}
		v.Log.Or(&v.Events, EvSettle)
		return Advance | Changes
	case x86.MSRDebugCtl:
		if val&^3 != 0 { // LBR and BTF are all that there is
			return v.gp()
		}
		vmcs.GuestDebugCtl.Write(val)
		return Advance
	case x86.MSRXSS:
		if val != 0 {
			return v.gp()
		}
		return Advance
	case x86.MSRTSCAdjust:
		if v.partition().Kind == Root {
			return v.gp()
		}
		return Advance
	case x86.MSRTSC, x86.MSRMiscEnable, x86.MSRMicrocodeUpdate, x86.MSRMicrocodeRevision,
		x86.MSRMCGStatus, x86.MSRMiscFeaturesEnables, x86.MSRP5MCAddr:
		return Advance // taken, without effect
	}
	return v.gp()
}

// writeLive writes one of the MSRs that are the guest's own while its processor
// has them: the context holds the truth, the processor a copy.
//
//go:nosplit
func (v *VP) writeLive(n x86.MSR, p *uint64, val uint64) Verdict {
	switch n {
	case x86.MSRFMASK, x86.MSRTSCAux:
		if val>>32 != 0 {
			return v.gp()
		}
	case x86.MSRLSTAR, x86.MSRCSTAR, x86.MSRKernelGSBase:
		if uint64(int64(val<<16)>>16) != val { // not canonical
			return v.gp()
		}
	}
	v.Log.Set(p, val)
	if n != x86.MSRCSTAR { // which no processor of Intel's uses: only kept
		x86.WRMSR(n, val)
	}
	return Advance | Changes
}

// passMSRs are read and written by partitions without an exit: the VMCS or the
// context switches them.
var passMSRs = [...]x86.MSR{
	x86.MSRFSBase, x86.MSRGSBase, x86.MSRKernelGSBase,
	x86.MSRSysenterCS, x86.MSRSysenterESP, x86.MSRSysenterEIP, x86.MSREFER, x86.MSRPAT,
}

// readMSRs are read without an exit.
var readMSRs = [...]x86.MSR{x86.MSRTSC, x86.MSRSTAR, x86.MSRLSTAR, x86.MSRFMASK, x86.MSRTSCAux}

// rootMSRs are root's too where the processor has them.
var rootMSRs = [...]x86.MSR{x86.MSRSpecCtrl, x86.MSRPredCmd, x86.MSRFlushCmd}
