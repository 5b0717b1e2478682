package partition

import (
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/partition/abi"
)

// mayMap returns whose frames p's extended page table may map: its own and, if
// it is root, the rings.
func (p *Partition) mayMap() []mm.Owner {
	switch p.Kind {
	case Root:
		return []mm.Owner{mm.Root, mm.Shared}
	case Service: // kept state is there to be read
		return []mm.Owner{mm.Partition(p.ID), mm.Kept}
	}
	return []mm.Owner{mm.Partition(p.ID)}
}

// checkRings looks at the memory of disks: a ring has shared frames of its own,
// and no shared frame is without a ring; memory of a disk is its partition's.
func checkRings(r *kept.Report) {
	total := uint64(0)
	for i := range tab.Partitions {
		p := &tab.Partitions[i]
		if p.State == Free {
			continue
		}
		for j := range p.Disks {
			d := &p.Disks[j]
			if d.Kind == 0 {
				continue
			}
			owner, need := mm.Partition(p.ID), d.Capacity
			if d.Kind == uint64(abi.DiskFile) {
				owner, need, total = mm.Shared, abi.RingBytes, total+d.Size
			}
			at, bad := mm.HasNot(addr.HPA(d.Base), d.Size, owner)
			r.Note(!bad && need <= d.Size, uint64(at))
		}
	}
	r.Note(total == mm.Totals()[mm.Shared], 0) // no two rings share a frame then, and none is left
}
