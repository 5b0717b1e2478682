package partition

import (
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/ept"
	"perdure/mm/kept"
	"perdure/partition/abi"
)

// check makes a self check, or returns the one that request began.
func check(request uint64) *abi.Check {
	r := &tab.Host.Last
	if r.Request == request && r.State == abi.CheckDone {
		return r
	}
	*r = abi.Check{Header: abi.HeaderOf(r), Request: request, State: abi.CheckDone, Progress: 1000}
	checkEPT(&r.Items[abi.ItemEPT], &r.Items[abi.ItemEPTOwner])
	frames := &r.Items[abi.ItemFrames]
	f := mm.Check()
	frames.Examined, frames.Wrong, frames.First = f.Examined, f.Wrong, f.First
	records := &r.Items[abi.ItemKept]
	k := kept.Check()
	records.Examined, records.Wrong, records.First = k.Examined, k.Wrong, k.First
	for i := range r.Items {
		it := &r.Items[i]
		switch {
		case it.Wrong != 0:
			it.Verdict = abi.VerdictBad
		case it.Examined != 0:
			it.Verdict = abi.VerdictGood
		}
	}
	return r
}

// checkEPT looks at everything that partitions have mapped: nothing may be the
// hypervisor's, and memory must be the partition's own.
func checkEPT(hv, own *abi.CheckItem) {
	for i := range tab.Partitions {
		p := &tab.Partitions[i]
		if p.State == Free || p.EPTP == 0 {
			continue
		}
		ept.Each(p.EPTP, func(gpa addr.GPA, hpa addr.HPA, size uint64, perm ept.Perm, mem ept.MemType) {
			hv.Examined++
			if at, bad := mm.Has(hpa, size, mm.Home, mm.Kept); bad {
				note(hv, uint64(at))
			}
			if mem != ept.WB {
				return
			}
			own.Examined++
			if at, bad := mm.HasNot(hpa, size, mm.Partition(p.ID)); bad {
				note(own, uint64(at))
			}
		})
	}
}

func note(it *abi.CheckItem, at uint64) {
	if it.Wrong == 0 {
		it.First = at
	}
	it.Wrong++
}
