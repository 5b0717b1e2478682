package pages

import "perdure/mm/addr"

// entrySpare is where the entry of a page that nobody writes has its second copy, if
// it has one; nothing maps that but the direct map.
const entrySpare = 0

// MendableAt returns a page of code or constants that has a copy, by a number of any size.
//
//go:nosplit
func (s *Space) MendableAt(g *Golden, n uint64) addr.HPA {
	for i := uint64(0); ; i++ {
		t := s.at(g.Table) + addr.HVA((g.Pages+(n+i)%g.Fixed)*entrySize)
		if load(t+entrySpare) != 0 || i == g.Fixed {
			return addr.HPA(load(t + entryCopy))
		}
	}
}

// Mend compares at most so many pages of code and constants with what they were when
// g was taken, and puts right those that differ and have a copy. It begins with 0 and returns
// where to go on, 0 at the end, how many it has put right, and how many it could not.
// All can be written just now.
//
//go:nosplit
func (s *Space) Mend(g *Golden, from, most uint64) (next, mended, lost uint64) {
	for i := max(from, g.Pages); i < g.Pages+g.Fixed; i++ {
		if most == 0 {
			return i, mended, lost
		}
		most--
		switch s.mend(g, i) {
		case pageMended:
			mended++
		case pageLost:
			lost++
		}
	}
	return 0, mended, lost
}

// MendAt is Mend for the page that va is in.
//
//go:nosplit
func (s *Space) MendAt(g *Golden, va addr.HVA) (mended, lost bool) {
	va &^= addr.PageSize - 1
	from, ok := s.codeAt(g, va)
	if !ok {
		from = g.Pages + g.Code
	}
	for i := from; i < g.Pages+g.Fixed; i++ {
		if addr.HVA(load(s.at(g.Table)+addr.HVA(i*entrySize+entryVA))) == va {
			what := s.mend(g, i)
			return what == pageMended, what == pageLost
		}
	}
	return false, false
}

// What mend finds.
const (
	pageGood = iota
	pageMended
	pageLost
)

// mend puts the page of entry i right if it is damaged, its copy is not, and the
// entry says of both what was true.
//
//go:nosplit
func (s *Space) mend(g *Golden, i uint64) int {
	t := s.at(g.Table) + addr.HVA(i*entrySize)
	page, spare := addr.HPA(load(t+entryCopy)), addr.HPA(load(t+entrySpare))
	switch {
	case right(t, s.at(page)):
		return pageGood
	case spare == 0 || !right(t, s.at(spare)):
		return pageLost
	}
	copyPage(s.at(page), s.at(spare))
	return pageMended
}

// Overwrite puts the second copies of all code and constants in their place, whatever the
// sums say: what makes them or compares them may be what is damaged.
//
//go:nosplit
func (s *Space) Overwrite(g *Golden) {
	for i := g.Pages; i < g.Pages+g.Fixed; i++ {
		t := s.at(g.Table) + addr.HVA(i*entrySize)
		if page, spare := addr.HPA(load(t+entryCopy)), addr.HPA(load(t+entrySpare)); spare != 0 {
			copyPage(s.at(page), s.at(spare))
		}
	}
}

// MendCopies is Mend for at most so many volatile pages: of the golden copy and the
// page of the set that waits, if that is pristine, one puts the other right. lost is
// how many pages are right in neither.
//
//go:nosplit
func (s *Space) MendCopies(g *Golden, set uint64, pristine bool, from, most uint64) (next, mended, lost uint64) {
	for i := from; i < g.Pages; i++ {
		if most == 0 {
			return i, mended, lost
		}
		most--
		t := s.at(g.Table) + addr.HVA(i*entrySize)
		v := load(addr.HVA(load(t + addr.HVA(set&1*8))))
		page, c, sum := s.at(addr.HPA(v&FrameMask)), addr.HPA(load(t+entryCopy)), load(t+entrySum)
		waits := pristine && v&Dirty == 0
		switch {
		case c == 0:
			if waits && !zeros(page) {
				zero(page)
				mended++
			}
		case sumPage(s.at(c)) == sum:
			if waits && sumPage(page) != sum {
				copyPage(page, s.at(c))
				mended++
			}
		case waits && sumPage(page) == sum:
			copyPage(s.at(c), page)
			mended++
		default:
			lost++
		}
	}
	return 0, mended, lost
}
