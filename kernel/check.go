//go:build metal

package kernel

import (
	"perdure/kernel/pages"
	"perdure/mm/addr"
)

// CheckTables looks at the rights that the instance's page tables give, of both
// sets; see pages.CheckRights. It examines nothing until the instance is sealed.
func CheckTables() (r pages.Report) {
	m := mach()
	if m.set.taken == 0 {
		return r
	}
	return m.space.CheckRights(&m.set.sets, pages.Bounds{
		Home: m.page.Home, HomeEnd: m.page.Home + addr.HPA(m.page.HomeSize),
		Fixed: addr.FixedBase, FixedEnd: addr.FixedBase + fixedSize,
	})
}

// copiesStep is how many pages one step of CheckGolden compares at most, each
// of them in 1,700 instructions.
const copiesStep = 256

// CheckGolden does a step of comparing the golden copy, the code and what else
// nobody writes with the checksums of when the instance was sealed. It is called
// with 0 first and then with what it returned, which is 0 after the last step.
func CheckGolden(from uint64, r *pages.Report) (next uint64) {
	m := mach()
	if m.set.taken == 0 {
		return 0
	}
	if from == 0 {
		r.Note(m.idtSum() == m.set.idt, idtAt)
	}
	return m.space.CheckCopies(&m.set.sets, from, copiesStep, r)
}

// idtSum returns the checksum of the IDT, which lies in the region that both
// sets share.
//
//go:nosplit
func (m *machine) idtSum() uint64 { return m.space.SumAt(idtAt) }

// CheckStacks looks below each stack of each processor: nothing may be mapped
// there, in either set.
func CheckStacks() (r pages.Report) {
	m := mach()
	if m.set.taken == 0 {
		return r
	}
	for i := range m.cpus {
		for _, st := range stacks {
			m.space.CheckGuard(&m.set.sets, block(i)+(st.first-1)*addr.PageSize, &r)
		}
	}
	return r
}
