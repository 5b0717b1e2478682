package pages

import "perdure/mm/addr"

// entrySpare is where the entry of a page of code has its second copy, which
// nothing maps but the direct map.
const entrySpare = 0

// Mend compares at most so many pages of code and constants with what they were when
// g was taken, and puts right those of code that differ. It begins with 0 and returns
// where to go on, 0 at the end, how many it has put right, and how many it could not.
// Code can be written just now.
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
	for i := g.Pages; i < g.Pages+g.Fixed; i++ {
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
	page, spare, sum := addr.HPA(load(t+entryCopy)), addr.HPA(load(t+entrySpare)), load(t+entrySum)
	switch {
	case sumPage(s.at(page)) == sum:
		return pageGood
	case spare == 0 || sumPage(s.at(spare)) != sum:
		return pageLost
	}
	copyPage(s.at(page), s.at(spare))
	return pageMended
}
