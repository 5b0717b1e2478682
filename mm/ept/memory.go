package ept

import (
	"perdure/mm/addr"
	"perdure/mm/phys"
)

// Memory returns where gpa lies, if the table that an EPT pointer leads to maps
// it as a partition's memory: readable, writable and write-back. A device window
// is none. For exit handlers: it allocates nothing and calls nothing that does.
//
//go:nosplit
func Memory(eptp uint64, gpa addr.GPA) (hpa addr.HPA, ok bool) {
	if gpa >= limit {
		return 0, false
	}
	at := addr.HPA(eptp & frameMask)
	for level := uint(levels - 1); ; level-- {
		e := Entry(phys.Load(at + addr.HPA(8*index(gpa, level))))
		if !e.Present() {
			return 0, false
		}
		if e.leaf(level) {
			const memory = Entry(RW) | Entry(WB)<<typeShift
			const asked = Entry(RW) | typeMask<<typeShift
			off := uint64(gpa) & (span(level) - 1)
			return addr.HPA(uint64(e.HPA())&^(span(level)-1) | off), e&asked == memory
		}
		at = e.HPA()
	}
}

// Each calls f for every page that the table of an EPT pointer maps, in the
// order of guest-physical addresses.
func Each(eptp uint64, f func(gpa addr.GPA, hpa addr.HPA, size uint64, p Perm, m MemType)) {
	each(addr.HPA(eptp&frameMask), levels-1, 0, f)
}

func each(at addr.HPA, level uint, gpa addr.GPA, f func(addr.GPA, addr.HPA, uint64, Perm, MemType)) {
	for i := range addr.GPA(512) {
		e := Entry(phys.Load(at + addr.HPA(8*i)))
		g := gpa + i*addr.GPA(span(level))
		switch {
		case !e.Present():
		case e.leaf(level):
			f(g, e.HPA(), span(level), e.Perm(), e.Mem())
		default:
			each(e.HPA(), level-1, g, f)
		}
	}
}

// Tables calls f for every page that the table itself is made of.
func Tables(eptp uint64, f func(a addr.HPA)) {
	tables(addr.HPA(eptp&frameMask), levels-1, f)
}

func tables(at addr.HPA, level uint, f func(addr.HPA)) {
	f(at)
	if level == 0 {
		return // leaves all of them
	}
	for i := range addr.HPA(512) {
		if e := Entry(phys.Load(at + 8*i)); e.Present() && !e.leaf(level) {
			tables(e.HPA(), level-1, f)
		}
	}
}
