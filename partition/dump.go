package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/partition/abi"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// Dump is the state of a VP as somebody asked for it, read by the processor that
// can: a kept record.
//
// At rest: Regs is what Told asked for.
type Dump struct {
	VP    uint64 // 1 + index of the VP that was asked for, 0: nobody
	Asked uint64 // TSC of the question
	Told  uint64 // Asked of the question that Regs answers
	Regs  abi.Registers
}

// dump answers CallDump. The first call asks; the answer is there at a later one.
func dump(id, vp uint64) (*abi.Registers, abi.Errno) {
	p := find(id)
	switch {
	case p == nil || vp >= p.VPs:
		return nil, abi.ErrNone
	case p.State == Creating || p.State == Destroying:
		return nil, abi.ErrState
	}
	kernel.Enter(abi.Section(abi.CallDump, 0) | abi.Commits)
	v := p.VP(vp)
	d := &tab.Host.Dump
	now := x86.RDTSC()
	if d.VP == v.index()+1 && d.Told == d.Asked && now-d.Asked < tab.Host.TSCHz {
		d.Told = 0 // the next one gets a new answer
		return &d.Regs, 0
	}
	if v.VMCS == 0 || v.Fresh == 1 {
		d.Regs = abi.Registers{Header: abi.HeaderOf(&d.Regs), Partition: uint32(id), VP: uint32(vp), State: states[v.State&7], Now: now}
		d.VP, d.Asked, d.Told = v.index()+1, now, now
		return &d.Regs, 0
	}
	if d.VP != v.index()+1 || now-d.Asked > tab.Host.TSCHz {
		d.VP, d.Asked = v.index()+1, now
	}
	v.raise(EvSnap)
	return nil, abi.ErrBusy
}

// snap fills in what was asked about v, whose VMCS is current.
//
//go:nosplit
func (v *VP) snap() {
	atomic.AndUint64(&v.Events, ^EvSnap)
	d := &tab.Host.Dump
	if d.VP != v.index()+1 {
		return
	}
	r := &d.Regs
	r.Header = abi.Header{Size: abi.RegistersSize, Version: abi.RegistersVersion}
	r.Partition, r.VP, r.State, r.CPU = uint32(v.Part), uint32(v.ID), states[v.State&7], uint32(v.CPU)
	r.Now = x86.RDTSC()
	v.snapGeneral(r)
	v.snapSegments(r)
	v.snapControls(r)
	v.snapLAPIC(r)
	atomic.StoreUint64(&d.Told, d.Asked)
}

//go:nosplit
func (v *VP) snapGeneral(r *abi.Registers) {
	for i := range r.General {
		r.General[i] = v.Ctx.Reg(vmcs.Register(i))
	}
	r.RIP, r.RFLAGS = vmcs.GuestRIP.Read(), vmcs.GuestRFLAGS.Read()
	if v.Ctx.Commit&vmx.CommitRIP != 0 {
		r.RIP = v.Ctx.OutRIP
	}
	r.CR0, r.CR2, r.CR3, r.CR4 = vmcs.GuestCR0.Read(), v.Ctx.CR2, vmcs.GuestCR3.Read(), vmcs.GuestCR4.Read()
	r.EFER, r.XCR0 = vmcs.GuestEFER.Read(), v.XCR0
}

//go:nosplit
func (v *VP) snapSegments(r *abi.Registers) {
	for i := range r.Segment {
		s := vmcs.Segment(i)
		r.Segment[i].Base, r.Segment[i].Limit = s.Base().Read(), s.Limit().Read()
		r.Segment[i].Access, r.Segment[i].Selector = s.Access().Read(), uint32(s.Selector().Read())
	}
	r.GDTR.Base, r.GDTR.Limit = vmcs.GuestGDTRBase.Read(), uint64(vmcs.GuestGDTRLimit.Read())
	r.IDTR.Base, r.IDTR.Limit = vmcs.GuestIDTRBase.Read(), uint64(vmcs.GuestIDTRLimit.Read())
}

//go:nosplit
func (v *VP) snapControls(r *abi.Registers) {
	r.Activity, r.Interruptibility = uint64(vmcs.GuestActivity.Read()), uint64(vmcs.GuestInterruptibility.Read())
	r.PendingDebug = vmcs.GuestPendingDebug.Read()
	r.Pin, r.Primary, r.Secondary = vmcs.PinControls.Read(), vmcs.PrimaryControls.Read(), vmcs.SecondaryControls.Read()
	r.Exit, r.EntryCtl, r.Exceptions = vmcs.ExitControls.Read(), vmcs.EntryControls.Read(), vmcs.ExceptionBitmap.Read()
	r.EntryInfo, r.Vectoring = vmcs.EntryInterruptionInfo.Read(), vmcs.IDTVectoringInfo.Read()
	r.Reason, r.InsnLength = uint32(v.Ctx.Reason), vmcs.ExitInstructionLength.Read()
	r.Qualification, r.GuestPhysical, r.GuestLinear = vmcs.ExitQualification.Read(), vmcs.GuestPhysicalAddress.Read(), vmcs.GuestLinearAddress.Read()
	r.Events = v.Events
}

//go:nosplit
func (v *VP) snapLAPIC(r *abi.Registers) {
	l := &v.LAPIC
	r.APICBase, r.Deadline, r.TPR = l.Base, l.Deadline, uint32(l.TPR)
	for i := range 4 {
		r.IRR[i], r.ISR[i] = l.IRR[i], l.ISR[i]
	}
}

// walk answers CallWalk with the paging state that was read last.
func walk(id, vp, la uint64) (*abi.Walk, abi.Errno) {
	p := find(id)
	d := &tab.Host.Dump
	switch {
	case p == nil || vp >= p.VPs:
		return nil, abi.ErrNone
	case p.RAM.EPTP == 0 || d.VP != p.VP(vp).index()+1:
		return nil, abi.ErrState
	}
	r := &scratch.walk
	*r = abi.Walk{Header: abi.HeaderOf(r), Linear: la}
	g := &d.Regs
	w := walker{p: p, cr0: g.CR0, cr3: g.CR3, cr4: g.CR4, efer: g.EFER}
	gpa, ok := w.trace(la, r)
	if !ok {
		return r, 0
	}
	r.Present, r.Physical = 1, gpa
	p.traceEPT(gpa, r)
	return r, 0
}
