package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// Kinds of event in interruption information, bits 10:8.
const (
	kindNMI       = 2
	kindException = 3
	kindINT1      = 5
)

// pendingBS in the pending debug exceptions is a single-step trap; the last two
// are bits of IA32_DEBUGCTL that each #DB clears.
const (
	pendingBS   = 1 << 14
	debugCtlLBR = 1 << 0
	debugCtlBTF = 1 << 1
)

// breathe is how many exceptions in a guest may pass before interrupts are let in:
// a power of two.
const breathe = 64

// exception gives the guest its #DB or #AC. They are intercepted because a guest
// can loop in their delivery without ever completing an instruction; so we get to
// run. Nor does an interrupt of the machine's ever arrive in such a guest: now and
// then one of our own ends its run, and the wait that lets them all in.
//
//go:nosplit
func (v *VP) exception(c *CPU, info uint32) Verdict {
	if v.Exits[vmcs.ReasonException]&(breathe-1) == 0 {
		apic.SendIPI(uint32(c.APICID), kernel.VectorKick)
		c.Leave = LeaveWait
	}
	old := vmcs.IDTVectoringInfo.Read()
	if uint64(old)&injValid == 0 && info>>12&1 != 0 { // an IRET had ended the blocking
		vmcs.GuestInterruptibility.Write(vmcs.GuestInterruptibility.Read() | vmcs.BlockedByNMI)
	}
	if old>>8&7 < kindException { // else the instruction does it again
		v.redeliver()
	}
	code := uint64(0)
	if uint64(info)&injError != 0 {
		code = uint64(vmcs.ExitInterruptionErrorCode.Read())
	}
	d := Resume
	if info&0xff == x86.VectorDB {
		v.debug(uint64(vmcs.ExitQualification.Read()))
		switch {
		case info>>8&7 == kindINT1:
			d = Advance // a trap: it comes behind the instruction
		case vmcs.GuestInterruptibility.Read()&shadows != 0:
			v.trapStep()
		}
	}
	v.Fault, v.FaultErr = uint64(info)&(0xff|injError), code
	atomic.OrUint64(&v.Events, EvFault) // last: who finds it does none of this again
	return d
}

// debug puts the debug registers as a #DB would have put them.
//
//go:nosplit
func (v *VP) debug(qual uint64) {
	writeDR6(readDR6()&^0xf | qual&0x600f)
	vmcs.GuestDR7.Write(vmcs.GuestDR7.Read() &^ x86.DR7GD)
	if ctl := vmcs.GuestDebugCtl.Read(); ctl != 0 {
		vmcs.GuestDebugCtl.Write(ctl &^ (debugCtlLBR | debugCtlBTF))
	}
}

// trapStep makes the single-step trap pending if the guest is stepping. Enter
// does it for each instruction that it steps over; elsewhere an entry in the
// shadow of STI or MOV SS demands it. SDM Vol. 3C, "Checks on Guest Non-Register
// State".
//
//go:nosplit
func (v *VP) trapStep() {
	if vmcs.GuestRFLAGS.Read()&x86.RFLAGSTF != 0 && vmcs.GuestDebugCtl.Read()&debugCtlBTF == 0 {
		vmcs.GuestPendingDebug.Write(vmcs.GuestPendingDebug.Read() | pendingBS)
	}
}
