package pages

import "perdure/mm/addr"

// VolatileAt returns the address of volatile page i of a golden copy.
//
//go:nosplit
func (s *Space) VolatileAt(g *Golden, i uint64) addr.HVA {
	return addr.HVA(load(s.at(g.Table+addr.HPA(i*entrySize)) + entryVA))
}

// Fill gives every page of [from, to) that has none a frame of its own, or, if
// sparse, the shared frame of zeros, not writable. It reports false if the home
// is full.
//
//go:nosplit
func (s *Space) Fill(g *Golden, from, to addr.HVA, sparse bool) bool {
	e := addr.HVA(0)
	for va := from; va < to; va += addr.PageSize {
		if e != 0 && va&(addr.Page2M-1) != 0 {
			e += 8
		} else if e = s.Entry(va, 0, true); e == 0 {
			return false
		}
		if load(e)&Present != 0 {
			continue
		}
		f, flags := g.Zero, uint64(RO)
		if !sparse {
			f, flags = s.Alloc(), RW
		}
		if f == 0 {
			return false
		}
		store(e, uint64(f)|flags)
	}
	return true
}
