package mm

import (
	"perdure/mm/addr"
	"perdure/mm/kept"
)

// Check looks at every extent: they must be sorted and not overlap, each with
// an owner that there is, have together as many frames as on the first day, and
// be what was sealed.
func Check() (r kept.Report) {
	read(func(s *set) { s.check(&r) })
	return r
}

// Mend puts a wrong bit right in what says whose the frames are, and returns how many
// there were.
func Mend() (n uint64) {
	read(func(s *set) {
		if kept.Correct(s, kept.KindExtents) {
			n++
		}
	})
	return n
}

// check looks at s, the set in force.
func (s *set) check(r *kept.Report) {
	r.Note(table.frames.Current <= 1 && s.N <= maxExtents && kept.Sealed(s, kept.KindExtents), 0)
	r.Note(s.pages() == table.frames.Pages, 0)
	end := addr.Frame(0)
	for i, e := range s.list() {
		joined := i > 0 && s.E[i-1].Owner == e.Owner && e.Start == end
		r.Note(e.Start >= end && e.End() > e.Start && e.Owner >= Free && e.Owner < numOwners && !joined, uint64(e.Start.Addr()))
		end = e.End()
	}
}
