package partition

import (
	"sync/atomic"

	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// VM-entry interruption information. SDM Vol. 3C, "VM-Entry Controls for Event Injection".
const (
	injExternal = 0 << 8
	injNMI      = 2<<8 | 2
	injHardware = 3 << 8
	injError    = 1 << 11
	injValid    = 1 << 31

	accepting = 1 << 32 // not the processor's: the LAPIC is still to take the vector into service
)

// Windows that a VP can have open.
const (
	windowIntr = 1
	windowNMI  = 2
)

// serve handles v's events before v is entered; v's VMCS is current. It reports
// whether v may be entered.
//
//go:nosplit
func (v *VP) serve(c *CPU) bool {
	ev := v.Events
	if ev&(EvStop|EvINIT|EvSIPI|EvStart|EvHold|EvSnap|EvHost|EvButton|EvKick|EvSettle|EvDoubt) != 0 && !v.restart(c, ev) {
		return false
	}
	if v.State == VPWaitSIPI {
		return false
	}
	if ev&EvFault != 0 {
		if v.Inject != 0 { // an event that was being delivered goes first; it is not lost
			return v.wake()
		}
		if vmcs.GuestCR0.Read()&x86.CR0PE == 0 {
			v.Fault &^= injError // SDM Vol. 3C, "Checks on VM-Entry Control Fields"
		}
		v.Log.Set(&v.InjErr, v.FaultErr)
		v.Log.Clear(&v.Events, EvFault)
		v.inject(v.Fault&(0xff|injError)|injHardware|injValid, v.FaultErr)
		return v.wake()
	}
	if ev&EvNMI != 0 && !v.serveNMI() {
		return v.wake()
	}
	if ev&EvIntr == 0 {
		return v.wake()
	}
	atomic.AndUint64(&v.Events, ^EvIntr)
	vec := v.LAPIC.Highest()
	if v.Wired != 0 {
		vec = old.external(v, c, vec)
	}
	if vec < 0 {
		return v.State != VPHalted
	}
	flags := vmcs.GuestRFLAGS.Read()
	if v.State == VPHalted {
		if flags&x86.RFLAGSIF == 0 {
			return false // only an NMI or INIT ends this HLT
		}
		v.State = VPRun
	}
	if v.Inject != 0 || flags&x86.RFLAGSIF == 0 || v.stepped(flags) || vmcs.GuestInterruptibility.Read()&shadows != 0 {
		v.open(windowIntr)
		return true
	}
	if vec == extINT {
		old.acknowledge(v, c)
		return true
	}
	writeInject(uint64(vec)|injExternal|injValid, 0)
	v.Inject = uint64(vec) | injExternal | injValid | accepting // the commit
	v.accept()
	v.In++
	if v.NotBefore != 0 {
		v.hold(c)
	}
	if v.LAPIC.Waiting() && v.LAPIC.Highest() >= 0 { // one of lower priority is looked at when this one ends
		v.open(windowIntr)
	}
	return true
}

// wake ends a HLT if something was injected, and reports whether v can run.
//
//go:nosplit
func (v *VP) wake() bool {
	if v.State == VPHalted {
		if v.Inject == 0 {
			return false
		}
		v.State = VPRun
	}
	return v.State == VPRun
}

// serveNMI injects a pending NMI or opens the NMI window; false if v needs no
// further look.
//
//go:nosplit
func (v *VP) serveNMI() bool {
	blocked := vmcs.GuestInterruptibility.Read() & (shadows | vmcs.BlockedByNMI)
	if v.State == VPHalted && blocked&vmcs.BlockedByNMI != 0 {
		return true // an NMI that is blocked ends no HLT
	}
	if v.Inject != 0 || blocked != 0 || v.stepped(vmcs.GuestRFLAGS.Read()) {
		if v.State == VPHalted {
			v.State = VPRun
		}
		v.open(windowNMI)
		return true
	}
	v.Log.Clear(&v.Events, EvNMI)
	v.inject(injNMI|injValid, 0)
	return false
}

// shadows are the bits of the interruptibility state that STI and MOV SS leave
// behind for one instruction.
const shadows = vmcs.BlockedBySTI | vmcs.BlockedByMovSS

// stepped reports whether the commit of this exit leaves a single-step trap to
// be taken. It comes before any interrupt, and would be lost if one were
// injected. SDM Vol. 3C, "Delivery of Pending Debug Exceptions after VM Entry".
//
//go:nosplit
func (v *VP) stepped(flags uint64) bool {
	return flags&x86.RFLAGSTF != 0 && v.Ctx.Commit != 0
}

// inject gives v an event at its next entry, and makes the changes in its log
// that go with it. The VMCS has it before it is committed; see abandon.
//
//go:nosplit
func (v *VP) inject(event, code uint64) {
	writeInject(event, code)
	v.Log.Set(&v.Inject, event)
	v.settle()
}

// accept has v's LAPIC take the vector into service that v is given at its next entry.
// It may be cut short, and is then done again before v runs.
//
//go:nosplit
func (v *VP) accept() {
	v.LAPIC.Accept(v.Inject & 0xff)
	v.Inject &^= accepting
}

// writeInject puts an event into the current VMCS.
//
//go:nosplit
func writeInject(event, code uint64) {
	if event&injError != 0 {
		vmcs.EntryExceptionErrorCode.Write(uint32(code))
	}
	vmcs.EntryInterruptionInfo.Write(uint32(event))
}

// open asks for an exit as soon as the guest can take an interrupt or NMI.
//
//go:nosplit
func (v *VP) open(w uint64) {
	if v.Window&w == 0 {
		v.Window |= w
		v.writeWindow()
	}
}

// closeWindow ends such a wish.
//
//go:nosplit
func (v *VP) closeWindow(w uint64) {
	v.Window &^= w
	v.writeWindow()
}

//go:nosplit
func (v *VP) writeWindow() {
	ctl := uint32(v.Primary)
	if v.Window&windowIntr != 0 {
		ctl |= vmcs.PrimInterruptWindow
	}
	if v.Window&windowNMI != 0 {
		ctl |= vmcs.PrimNMIWindow
	}
	vmcs.PrimaryControls.Write(ctl)
}

// fault notes that the guest gets an exception at its current instruction.
//
//go:nosplit
func (v *VP) fault(vector uint64, hasError bool, code uint64) Verdict {
	v.Fault, v.FaultErr = vector, code
	if hasError {
		v.Fault |= injError
	}
	v.Bad++
	atomic.OrUint64(&v.Events, EvFault)
	return Resume
}

// gp injects #GP(0), ud #UD.
//
//go:nosplit
func (v *VP) gp() Verdict { return v.fault(x86.VectorGP, true, 0) }

//go:nosplit
func (v *VP) ud() Verdict { return v.fault(x86.VectorUD, false, 0) }
