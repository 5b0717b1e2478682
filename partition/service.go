package partition

import (
	"perdure/boot"
	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/mm/ept"
	"perdure/mm/kept"
	"perdure/partition/abi"
)

// A service partition is where a candidate boots, the next instance of the
// hypervisor: a home, the image file, and kept state to read, each at its own
// address, and a virtual processor for every processor. It can reach nothing else,
// and gets as much of the processors as a guest, unless whoever restarts says more.

// Facts about service partitions. No guest can have that name.
const (
	serviceName  = "(candidate)"
	homeSize     = boot.HomeSize
	trampolineAt = 0x8000 // where a hypervisor starts its other processors
)

// Launch makes r's service partition and starts the candidate in it, at offset
// entry of the image file. The control goroutine does it in steps.
func (r *Restart) Launch(entry uint64) {
	p := r.Partition()
	r.Entry = r.Image + entry
	if p.State == Creating && p.Job == JobNone {
		p.begin(JobServe)
	}
}

// Partition returns r's service partition, nil if it has none.
func (r *Restart) Partition() *Partition {
	if r.Service == 0 {
		return nil
	}
	if p := Lookup(r.Service); p.Kind == Service && p.State != Free {
		return p
	}
	return nil
}

// stepHome claims a home for the candidate.
func stepHome(p *Partition) (bool, error) {
	if ok, err := p.claimHome(); !ok {
		return false, err
	}
	r, at := p.restart(), p.Piece[0].HPA
	p.Memory = homeSize + r.Report.Size
	r.Home, r.Report.HomeNew, r.Report.HomeOld = at, at, uint64(kernel.Boot().Home)
	return true, nil
}

// stepReach makes what the candidate's processors see.
func stepReach(p *Partition) (bool, error) {
	r := p.restart()
	kept.FreeOwner(p.keptOwner())
	ring, err := kept.Pages(p.keptOwner(), TtySize/addr.PageSize)
	if err != nil {
		return false, err
	}
	p.Tty = Tty{Ring: uint64(ring)}
	if err := p.mapMemory(); err != nil {
		return false, err
	}
	e := ept.Open(p.RAM.EPTP)
	low, err := kept.Page(p.keptOwner())
	if err != nil {
		return false, err
	}
	size := (r.Report.Size + addr.PageSize - 1) &^ (addr.PageSize - 1)
	for _, m := range []struct {
		gpa  addr.GPA
		hpa  addr.HPA
		size uint64
		perm ept.Perm
	}{
		{addr.GPA(r.Image), addr.HPA(r.Image), size, ept.RWX},
		{trampolineAt, low, addr.PageSize, ept.RWX},
		{addr.GPA(kept.Root()), kept.Root(), kept.Size(), ept.R},
	} {
		if err := e.Map(m.gpa, m.hpa, m.size, m.perm, ept.WB); err != nil {
			return false, err
		}
	}
	return true, p.serviceBitmaps()
}

// serviceMSRs are what a hypervisor reads of the machine at its start.
var serviceMSRs = [...]struct{ first, last x86.MSR }{
	{x86.MSRPlatformID, x86.MSRPlatformID}, {x86.MSRFeatureControl, x86.MSRFeatureControl},
	{x86.MSRMicrocodeRevision, x86.MSRMicrocodeRevision}, {x86.MSRMTRRCap, x86.MSRMTRRCap},
	{x86.MSRMiscEnable, x86.MSRMiscEnable}, {x86.MSRMTRRPhysBase0, x86.MSRMTRRFix4KF8000},
	{x86.MSRMTRRDefType, x86.MSRMTRRDefType}, {x86.MSRVMXBasic, x86.MSRVMXVMFunc},
}

// serviceBitmaps lets the candidate read what the machine is like.
func (p *Partition) serviceBitmaps() error {
	msr, _, err := p.newBitmaps()
	if err != nil {
		return err
	}
	for _, m := range serviceMSRs {
		for n := m.first; n <= m.last; n++ {
			msr.AllowRead(n)
		}
	}
	return nil
}

// stepCandidate makes the candidate's processors, and writes its boot page.
func stepCandidate(p *Partition) (bool, error) {
	r := p.restart()
	p.IOAPIC.Reset(0, abi.IOAPICPins, 0)
	p.Serial.Reset()
	if err := p.newVPs(); err != nil {
		return false, err
	}
	*bootPage(addr.HPA(r.Home)) = boot.Page{
		Size: addr.PageSize, Magic: boot.PageMagic, Version: boot.PageVersion, Flags: boot.FlagCandidate | boot.FlagClear,
		Home: addr.HPA(r.Home), HomeSize: homeSize, TSCHz: tab.Host.TSCHz, Kept: kept.Root(),
		PCID: nextPCID(), Generation: tab.Host.Generation, CPUs: tab.Host.CPUs, Top: addr.HPA(kernel.Boot().Direct),
	}
	if r == Restarting() { // a failure leads back, and it is another generation
		b := bootPage(addr.HPA(r.Home))
		b.Back, b.Generation = kernel.SeatPage(), b.Generation+1
	}
	p.seal()
	v := p.VP(0)
	v.Entry = Entry{
		Mode: uint64(abi.EntryFlat), RIP: r.Entry, RAX: boot.CandidateMagic, RBX: r.Home, CS: 8, DS: 16,
	}
	p.State = Running
	v.State = VPRun
	v.raise(EvStart)
	r.Again()
	return true, nil
}

// nextPCID returns the number that the candidate's translations are marked with:
// not ours.
func nextPCID() uint64 {
	const homes = 2
	return kernel.Host().CR3&0xfff%homes + 1
}

// Drop gives up the service partition and all that it has; the candidate's home
// too, unless that has another owner by now.
func (r *Restart) Drop() {
	if p := r.Partition(); p != nil && p.State != Destroying {
		p.State = Destroying
		p.begin(JobDestroy)
	}
}

// Broken says why the candidate cannot go on; it is empty while it can.
func (r *Restart) Broken() string {
	p := r.Partition()
	if p == nil || p.State != Stopped {
		return ""
	}
	if p.Why == WhyNotMade {
		return "it could not be made: " + abi.Errno(p.Errno).Error()
	}
	return ends[p.Why%uint64(len(ends))].text
}

// Stands reports whether the candidate is ready and no processor has anything of it.
func (r *Restart) Stands() bool {
	p := r.Partition()
	return p != nil && r.Seat != 0 && p.expel()
}
