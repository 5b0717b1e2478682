package partition

import (
	"sync/atomic"

	"perdure/partition/abi"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// restart handles the events that are rare: those that change what v is (stop,
// first start, INIT and start-up IPI), and what is asked of v or its partition
// by command. v's VMCS is current. It reports whether v may go on.
//
//go:nosplit
func (v *VP) restart(c *CPU, ev uint64) bool {
	if ev&EvSnap != 0 {
		farther.snap(v)
	}
	if ev&EvHost != 0 {
		atomic.AndUint64(&v.Events, ^EvHost) // loading it was all
	}
	if ev&EvDoubt != 0 {
		farDoubted(v, c)
		ev = v.Events
	}
	if ev&EvSettle != 0 {
		v.LAPIC.Settle()
		atomic.AndUint64(&v.Events, ^EvSettle)
	}
	if ev&EvHold != 0 {
		atomic.AndUint64(&v.Events, ^EvHold)
	}
	if v.partition().Hold != 0 {
		return false
	}
	if ev&EvButton != 0 {
		v.press(c)
	}
	if ev&EvKick != 0 {
		atomic.AndUint64(&v.Events, ^EvKick)
		farther.kickDevices(v.partition(), c)
	}
	if ev&EvStop != 0 {
		atomic.AndUint64(&v.Events, ^EvStop)
		v.State = VPStopped
		return false
	}
	if ev&EvStart != 0 {
		e := &v.Entry
		if abi.EntryMode(e.Mode) == abi.EntryFlat {
			v.Ctx.StartFlat(uint32(e.RIP), e.GDT, uint32(e.GDTLimit), uint16(e.CS), uint16(e.DS))
		} else {
			v.Ctx.StartLong(e.RIP, e.CR3, e.GDT, uint32(e.GDTLimit), uint16(e.CS), uint16(e.DS))
		}
		v.Ctx.Regs[vmx.RAX], v.Ctx.Regs[vmx.RBX], v.Ctx.Regs[vmx.RSI] = e.RAX, e.RBX, e.RSI
		vmcs.GuestRSP.Write(e.RSP)
		v.State = VPRun
		atomic.AndUint64(&v.Events, ^EvStart)
	}
	if ev&EvINIT != 0 {
		v.LAPIC.Init()
		v.Ctx.Regs = [15]uint64{}
		v.Inject, v.Window = 0, 0
		v.Ctx.Reason = vmx.NoExit // nothing of it is to be done again
		v.State = VPWaitSIPI
		atomic.AndUint64(&v.Events, ^(EvINIT | EvIntr | EvNMI | EvFault))
		ev = v.Events
	}
	if ev&EvSIPI != 0 {
		atomic.AndUint64(&v.Events, ^EvSIPI)
		if v.State == VPWaitSIPI {
			v.Ctx.StartSIPI(uint8(v.SIPI))
			v.State = VPRun
		}
	}
	return v.State == VPRun || v.State == VPHalted
}
