package partition

import (
	"sync/atomic"

	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// restart handles the events that change what v is: stop, first start, INIT and
// start-up IPI. v's VMCS is current. It reports whether v may go on.
//
//go:nosplit
func (v *VP) restart(c *CPU, ev uint64) bool {
	if ev&EvStop != 0 {
		atomic.AndUint64(&v.Events, ^EvStop)
		v.State = VPStopped
		return false
	}
	if ev&EvStart != 0 {
		e := &v.Entry
		v.Ctx.StartLong(e.RIP, e.CR3, e.GDT, uint32(e.GDTLimit), uint16(e.CS), uint16(e.DS))
		v.Ctx.Regs[vmx.RSI] = e.RSI
		vmcs.GuestRSP.Write(e.RSP)
		v.State = VPRun
		atomic.AndUint64(&v.Events, ^EvStart)
	}
	if ev&EvINIT != 0 {
		v.LAPIC.Init()
		v.Ctx.Regs = [15]uint64{}
		v.Inject, v.Window = 0, 0
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
	return v.State != VPWaitSIPI
}
