package partition

import (
	"perdure/kernel/x86"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// abandon drops v's last exit, unless it has been answered: after a reset, after an
// arrival by an exit that nobody has looked at, and after a fault of ours. v does
// its instruction again; what would not come again is noted: an event whose delivery
// the exit cut off, and a trap behind an instruction. It may be cut short, and is
// then done again. v's VMCS is current.
//
//go:nosplit
func (v *VP) abandon(c *CPU) {
	// The event for the entry is written before it is committed, and an exit clears
	// it there: what only one of the two has, has not begun, or has arrived.
	in := vmcs.EntryInterruptionInfo.Read()&injValid != 0
	switch {
	case in && v.Inject == 0:
		vmcs.EntryInterruptionInfo.Write(0)
	case !in && v.Inject != 0:
		v.Inject = 0
	}
	if v.Inject != 0 || v.Ctx.Commit != 0 || v.Ctx.Reason == vmx.NoExit {
		return
	}
	known := v.Events&EvFault != 0
	if vmcs.Reason(v.Ctx.Reason) != vmcs.ReasonException {
		if !known {
			v.redeliver()
		}
		return
	}
	info := vmcs.ExitInterruptionInfo.Read()
	if !guests(info) {
		return
	}
	if !known {
		v.exception(c, info)
	}
	if info>>8&7 == kindINT1 {
		v.Ctx.OutRIP = v.Ctx.RIP + v.Ctx.Len
		v.Ctx.Commit = vmx.CommitRIP
	}
}

// guests reports whether an exception that caused an exit is the guest's own, by its
// interruption information; the others are the machine's.
//
//go:nosplit
func guests(info uint32) bool { return info>>8&7 != kindNMI && info&0xff != x86.VectorMC }
