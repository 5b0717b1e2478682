package partition

import (
	"perdure/kernel/x86"
	"perdure/mm/kept"
)

// keptOwner is p as an owner of kept pages.
func (p *Partition) keptOwner() kept.Owner { return kept.Owner(p.ID + 1) }

// newVPs makes p's virtual processors as after RESET. Their counters go on.
func (p *Partition) newVPs() error {
	for i := range p.VPs {
		if err := p.newVP(i); err != nil {
			return err
		}
	}
	return nil
}

// newVP makes p's virtual processor i. Root's is on the physical processor of
// that number.
func (p *Partition) newVP(i uint64) error {
	v := p.VP(i)
	old := *v
	if old.VMCS == 0 {
		page, err := kept.Page(p.keptOwner())
		if err != nil {
			return err
		}
		old.VMCS = uint64(page)
	}
	if p.Kind == Root {
		old.CPU = i % tab.Host.CPUs
	}
	*v = VP{Part: p.ID, ID: i, State: VPWaitSIPI, XCR0: 1, Fresh: 1, VMCS: old.VMCS, CPU: old.CPU, Identity: kept.Sum(p.ID, i, old.VMCS)}
	v.keepCounts(&old)
	tab.Areas[v.index()&(MaxVPs-1)] = x86.XArea{}
	v.LAPIC.Reset(uint32(i), i == 0)
	v.LAPIC.Base |= x86.APICBaseX2APIC
	if p.PC != 0 {
		v.wire()
	}
	if p.Kind == Root {
		v.initMTRR()
	} else {
		v.guestMTRR()
	}
	p.home(v)
	v.seal()
	tab.Host.VPs = max(tab.Host.VPs, p.FirstVP+i+1)
	return nil
}

// keepCounts lets the counters of a VP go on over a reset of its partition.
func (v *VP) keepCounts(old *VP) {
	v.Exits, v.Bad, v.Calls, v.BadCalls = old.Exits, old.Bad, old.Calls, old.BadCalls
	v.In, v.Ran, v.Unwound = old.In, old.Ran, old.Unwound
}
