package partition

import (
	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/mm/ept"
	"perdure/partition/abi"
)

// trace walks the guest's page tables for la and notes each entry that it reads.
// Rights do not matter: the question is what is mapped.
func (w *walker) trace(la uint64, r *abi.Walk) (gpa uint64, ok bool) {
	if w.cr0&x86.CR0PG == 0 {
		return la & 0xffffffff, true
	}
	long := w.efer&x86.EFERLMA != 0
	levels, table, shift, wide := w.shape()
	if long && levels == 4 && !canonical(la) {
		return 0, false
	}
	for level := levels; level > 0; level-- {
		bits := 12 - wide
		if !long && level == 3 {
			bits = 2
		}
		slot := table + (la>>shift&(1<<bits-1))<<wide
		e, there := w.p.read(slot, 1<<wide)
		i := r.Levels
		r.Slot[i], r.Entry[i], r.Levels = slot, e, i+1
		if !there || e&pteP == 0 {
			return 0, false
		}
		if level == 1 || e&ptePS != 0 && level <= 3 {
			mask := uint64(1)<<shift - 1
			return e&pteAddr&^mask | la&mask, true
		}
		table = e & pteAddr
		shift = below(shift, wide)
	}
	return 0, false
}

// traceEPT notes how p's EPT maps gpa.
func (p *Partition) traceEPT(gpa uint64, r *abi.Walk) {
	e, level, ok := ept.Open(p.RAM.EPTP).Walk(addr.GPA(gpa))
	if !ok {
		return
	}
	r.EPTMapped, r.EPTLevel, r.EPTEntry = 1, uint32(level), uint64(e)
	span := uint64(addr.PageSize) << (9 * level)
	r.Host = uint64(e.HPA())&^(span-1) | gpa&(span-1)
}
