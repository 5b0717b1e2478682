package partition

import (
	"runtime"

	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/ept"
	"perdure/mm/kept"
)

// Prove looks whether the new instance has the machine: every processor comes
// round its loop and has a VMCS that leads here, all records are as they should
// be, and nothing in them leads into the old home. It goes on with every call. The
// looking takes long, and whoever wants to run does so in between.
func (r *Restart) Prove() (done bool, why string) {
	if !r.Gathered() || !r.Led() {
		return false, ""
	}
	if r.Asked == 0 {
		r.Asked = x86.RDTSC()
		ask(r.Asked)
		return false, ""
	}
	var f Findings
	if !told(r.Asked, &f) {
		return false, ""
	}
	if f.Wrong != 0 {
		return false, "a VMCS does not lead to the new instance"
	}
	k := kept.Check()
	runtime.Gosched() // whoever wants to run does so between two parts
	if checkIdentities(&k); k.Wrong != 0 {
		return false, "records of kept state are damaged"
	}
	runtime.Gosched()
	if mm.Check().Wrong != 0 {
		return false, "the owners of memory are damaged"
	}
	runtime.Gosched()
	if what := leadsInto(addr.HPA(r.Report.HomeOld), homeSize); what != "" {
		return false, what + " leads into the old home"
	}
	return true, ""
}

// places is how many leadsInto looks at in one go.
const places = 1024

// leadsInto names what of the records leads to memory of [at, at+size), which is
// to have another use; it is empty if nothing does.
func leadsInto(at addr.HPA, size uint64) (what string) {
	looked := 0
	in := func(name string, a, n uint64) {
		if looked++; looked%places == 0 {
			runtime.Gosched()
		}
		if a < uint64(at)+size && uint64(at) < a+n {
			what = name
		}
	}
	const page = addr.PageSize
	for i := range tab.Partitions {
		p := &tab.Partitions[i]
		if p.State == Free || p.RAM.EPTP == 0 {
			continue
		}
		in("a partition's memory", p.RAM.Start+p.RAM.Delta, p.RAM.Size)
		in("an MSR bitmap", p.MSRBits, page)
		in("an I/O bitmap", p.IOBits, 2*page)
		in("a console's ring", p.Tty.Ring, TtySize)
		ept.Tables(p.RAM.EPTP, func(a addr.HPA) { in("an extended page table", uint64(a), page) })
		ept.Each(p.RAM.EPTP, func(_ addr.GPA, a addr.HPA, n uint64, _ ept.Perm, _ ept.MemType) {
			in("an extended page table's entry", uint64(a), n)
		})
	}
	for i := range tab.Host.VPs {
		if v := &tab.VPs[i]; v.State != VPNone {
			in("a virtual processor's VMCS", v.VMCS, page)
		}
	}
	for i := range tab.Host.CPUs {
		in("a VMXON region", tab.CPUs[i].Region, page)
	}
	in("kept state", uint64(kept.Root()), kept.Size())
	return what
}

// enters notes that c enters its first guest since the handoff, and how many VMX
// instructions that has taken.
//
//go:nosplit
func (r *Restart) enters(c *CPU, v *VP, now, ops uint64) {
	if r.Report.VMXOps < ops {
		r.Report.VMXOps = ops
	}
	p, q := &r.Report.CPU[c.Index&(MaxCPUs-1)], &r.Report.VP[v.index()&(MaxVPs-1)]
	p.First = now
	q.Partition, q.VP, q.Last, q.First = v.Part, v.ID, p.Last, now
}

// Measure notes how long the blackout was: from the first processor's last guest
// instruction to the last one's first.
func (r *Restart) Measure() {
	q := &r.Report
	from, to := ^uint64(0), uint64(0)
	for i := range tab.Host.CPUs {
		if c := &q.CPU[i]; c.First != 0 && c.Last != 0 {
			from, to = min(from, c.Last), max(to, c.First)
		}
	}
	if to > from {
		q.Blackout = to - from
	}
}
