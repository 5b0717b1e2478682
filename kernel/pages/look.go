package pages

import (
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// A page of code or constants has two sums, made by different code: a quick one, and a
// strong one. It is right if either says so, since the code of the other one may be damaged; its second
// copy likewise.

// right reports whether the page at a has one of the sums of the entry at t.
//
//go:nosplit
func right(t, a addr.HVA) bool {
	return x86.FoldPage(uintptr(a)) == load(t+entryFold) || sumPage(a) == load(t+entrySum)
}

// Look compares at most so many of the pages of code, or, if constants, of constants, each
// in 600 instructions. It begins with 0 and returns where to go on, 0 at the end; or behind the
// first page that is damaged and can be put right, and that page's address. It changes nothing.
//
//go:nosplit
func (s *Space) Look(g *Golden, constants bool, from, most uint64) (next uint64, damaged addr.HVA) {
	first, end := uint64(0), g.Code
	if constants {
		first, end = g.Code, g.Fixed
	}
	for i := max(from, first); i < end; i++ {
		if most == 0 {
			return i, 0
		}
		most--
		t := s.at(g.Table) + addr.HVA((g.Pages+i)*entrySize)
		if s.mendable(t) {
			return i + 1, addr.HVA(load(t + entryVA))
		}
	}
	return 0, 0
}

// LookAt is Look for the page that va is in, of code.
//
//go:nosplit
func (s *Space) LookAt(g *Golden, va addr.HVA) (damaged bool) {
	i, ok := s.codeAt(g, va)
	return ok && s.mendable(s.at(g.Table)+addr.HVA(i*entrySize))
}

// Judges is Look for the code that makes sums. While nothing of the home can be written it
// may be tried: what it would write instead of reading it, because it is damaged, is a fault then.
//
//go:nosplit
func (s *Space) Judges(g *Golden) (damaged bool) {
	damaged = s.LookAt(g, addr.HVA(x86.FoldAt()))
	return s.LookAt(g, sumPageAt()) || damaged
}

// codeAt returns the entry of the page of code that va is in.
//
//go:nosplit
func (s *Space) codeAt(g *Golden, va addr.HVA) (i uint64, ok bool) {
	first := addr.HVA(load(s.at(g.Table) + addr.HVA(g.Pages*entrySize+entryVA)))
	i = g.Pages + uint64(va-first)/addr.PageSize // code comes first, and has no gaps
	return i, i < g.Pages+g.Code && addr.HVA(load(s.at(g.Table)+addr.HVA(i*entrySize+entryVA))) == va&^(addr.PageSize-1)
}

// mendable reports whether the page of the entry at t is damaged, and its second copy is not.
//
//go:nosplit
func (s *Space) mendable(t addr.HVA) bool {
	if right(t, s.at(addr.HPA(load(t+entryCopy)))) {
		return false
	}
	spare := addr.HPA(load(t + entrySpare))
	return spare != 0 && right(t, s.at(spare))
}

// MendFold is Mend for the code that makes quick sums, and uses none.
//
//go:nosplit
func (s *Space) MendFold(g *Golden) (mended bool) {
	i, ok := s.codeAt(g, addr.HVA(x86.FoldAt()))
	t := s.at(g.Table) + addr.HVA(i*entrySize)
	if !ok || sumPage(s.at(addr.HPA(load(t+entryCopy)))) == load(t+entrySum) {
		return false
	}
	spare := addr.HPA(load(t + entrySpare))
	if mended = sumPage(s.at(spare)) == load(t+entrySum); mended {
		copyPage(s.at(addr.HPA(load(t+entryCopy))), s.at(spare))
	}
	return mended
}
