package partition

import (
	"perdure/kernel"
	"sync/atomic"

	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// stop ends v's partition with a reason; the control goroutine reports it. Its
// other VPs stop when they next look at their events.
//
//go:nosplit
func (v *VP) stop(why, exit uint64) {
	p := v.partition()
	if p.State != Running {
		v.State = VPStopped
		return
	}
	switch why {
	case WhyNone:
		mistaken("a partition is to be stopped for no reason")
	case WhyUnexpected, WhyEntryFailed, WhyBadAccess, WhyHandlerFault:
		farLookAll() // it may be ours
	}
	p.Why, p.WhyVP, p.WhyExit, p.WhyRIP = why, v.ID, exit, v.Ctx.RIP
	p.WhyQual = vmcs.ExitQualification.Read()
	v.Snapshot.take(v)
	p.State = ends[why].state
	if p.Kind != Guest {
		p.State = Stopped
	}
	p.Halts++
	for i := uint64(0); i < p.VPs; i++ {
		if o := p.VP(i); o != v {
			o.raise(EvStop)
		}
	}
	v.State = VPStopped
	atomic.OrUint64(&tab.Host.Work, WorkReport)
}

// unexpected stops v after an exit that nobody answers, or after an entry that
// the processor refused. If the VMCS has another reason than we have read, it is not
// the partition's doing, nor if there is a handler and it gave no verdict: the exit is dropped
// with the volatile state, and repeated.
//
//go:nosplit
func (v *VP) unexpected(c *CPU, reason uint64) {
	if now := uint64(vmcs.ExitReason.Read()); reason&vmx.Refused == 0 && now != reason {
		v.Ctx.Reason = now
		mistaken("an exit has another reason than was read")
	}
	why := WhyUnexpected
	switch {
	case reason&vmcs.ExitEntryFailed != 0 || reason&vmx.Refused != 0:
		why = WhyEntryFailed
		if farRefused(v, c) {
			return
		}
	case reason < vmcs.NumReasons && exits[reason] != nil:
		mistaken("a handler has given no answer")
	}
	v.stop(why, reason)
}

// mistaken is out of the linker's sight.
var mistaken = kernel.Fail

// Snapshot is the guest's state when its partition was stopped: a kept record.
type Snapshot struct {
	Valid, Error                            uint64 // VM-instruction error, if an entry failed
	CR0, CR3, CR4, EFER, RFLAGS, RSP, RIP   uint64
	CS, CSBase, CSAccess, SS, SSAccess      uint64
	TR, TRAccess, GDTR, IDTR                uint64
	Interruptibility, Activity, EntryInfo   uint64
	IDTVectoring, GPA, Linear, EntryCtl     uint64
	Pin, Primary, Secondary, ExitCtl, Prior uint64
}

// take fills s from the current VMCS.
//
//go:nosplit
func (s *Snapshot) take(v *VP) {
	s.Error = uint64(vmcs.InstructionError.Read())
	s.CR0, s.CR3, s.CR4 = vmcs.GuestCR0.Read(), vmcs.GuestCR3.Read(), vmcs.GuestCR4.Read()
	s.EFER, s.RFLAGS = vmcs.GuestEFER.Read(), vmcs.GuestRFLAGS.Read()
	s.RSP, s.RIP = vmcs.GuestRSP.Read(), vmcs.GuestRIP.Read()
	s.CS, s.CSBase = uint64(vmcs.GuestCSSelector.Read()), vmcs.GuestCSBase.Read()
	s.CSAccess, s.SS = uint64(vmcs.GuestCSAccess.Read()), uint64(vmcs.GuestSSSelector.Read())
	s.SSAccess, s.TR = uint64(vmcs.GuestSSAccess.Read()), uint64(vmcs.GuestTRSelector.Read())
	s.TRAccess, s.GDTR, s.IDTR = uint64(vmcs.GuestTRAccess.Read()), vmcs.GuestGDTRBase.Read(), vmcs.GuestIDTRBase.Read()
	s.Interruptibility, s.Activity = uint64(vmcs.GuestInterruptibility.Read()), uint64(vmcs.GuestActivity.Read())
	s.EntryInfo, s.IDTVectoring = uint64(vmcs.EntryInterruptionInfo.Read()), uint64(vmcs.IDTVectoringInfo.Read())
	s.GPA, s.Linear = vmcs.GuestPhysicalAddress.Read(), vmcs.GuestLinearAddress.Read()
	s.EntryCtl, s.ExitCtl = uint64(vmcs.EntryControls.Read()), uint64(vmcs.ExitControls.Read())
	s.Pin, s.Primary = uint64(vmcs.PinControls.Read()), uint64(vmcs.PrimaryControls.Read())
	s.Secondary = uint64(vmcs.SecondaryControls.Read())
	s.Valid = 1
}
