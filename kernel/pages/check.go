package pages

import "perdure/mm/addr"

// Report is what a check found.
type Report struct {
	Examined uint64 // how many things were looked at
	Wrong    uint64 // how many of them are not as they must be
	First    uint64 // address of the first that is not
}

// Note counts one thing, at an address, that is right or not.
func (r *Report) Note(ok bool, at addr.HVA) {
	r.Examined++
	if ok {
		return
	}
	if r.Wrong == 0 {
		r.First = uint64(at)
	}
	r.Wrong++
}

// Bounds are what CheckRights must know of an instance: its home, and the region
// that both sets share.
type Bounds struct {
	Home, HomeEnd   addr.HPA
	Fixed, FixedEnd addr.HVA
}

// CheckRights looks at every entry of both sets' tables. Nothing may be writable
// and executable, nothing is the user's, page 0 is nothing. All that lies in the
// low half is the home's. A frame of the home that can be written has one
// address at which it can; it is no page table, no golden copy and no code, and
// the other set writes it only in the region that both share.
func (s *Space) CheckRights(g *Golden, b Bounds) (r Report) {
	n := (b.HomeEnd - b.Home) / addr.PageSize
	u := use{s: s, b: b, r: &r, fixed: make(bitmap, n/64+1)}
	for i := uint64(0); i < g.Pages; i++ {
		if c := addr.HPA(load(s.at(g.Table) + addr.HVA(i*entrySize+entryCopy))); c != 0 {
			u.fixed.set(u.frame(c))
		}
	}
	for _, root := range g.Roots {
		u.written = make(bitmap, n/64+1)
		u.walk(root, 3, 0, Write|User)
		u.other = u.written
	}
	return r
}

// CheckGuard notes for each set whether nothing is mapped at va.
func (s *Space) CheckGuard(g *Golden, va addr.HVA, r *Report) {
	for _, root := range g.Roots {
		a := Space{Window: s.Window, Root: root}
		e, _ := a.find(va)
		r.Note(load(e)&Present == 0, va)
	}
}

// CheckCopies compares at most so many pages with what they were when g was
// taken: golden copies, and pages that nobody writes. It begins with the table
// itself and the frame of zeros if from is 0, and returns where to go on, 0 at
// the end.
func (s *Space) CheckCopies(g *Golden, from, most uint64, r *Report) (next uint64) {
	if from == 0 {
		r.Note(s.tableSum(g) == g.Sum, s.at(g.Table))
		r.Note(zeros(s.at(g.Zero)), s.at(g.Zero))
	}
	for i := from; i < g.Pages+g.Fixed; i++ {
		t := s.at(g.Table) + addr.HVA(i*entrySize)
		c := addr.HPA(load(t + entryCopy))
		if c == 0 {
			continue
		}
		if most == 0 {
			return i
		}
		most--
		r.Note(sumPage(s.at(c)) == load(t+entrySum), addr.HVA(load(t+entryVA)))
	}
	return 0
}

// SumAt returns the checksum of the page that va is.
//
//go:nosplit
func (s *Space) SumAt(va addr.HVA) uint64 { return sumPage(s.at(addr.HPA(s.Lookup(va) & FrameMask))) }

// tableSum returns the checksum of the table.
//
//go:nosplit
func (s *Space) tableSum(g *Golden) (sum uint64) {
	for at := addr.HPA(0); at < addr.HPA((g.Pages+g.Fixed)*entrySize); at += addr.PageSize {
		sum = sum*31 + sumPage(s.at(g.Table+at))
	}
	return sum
}

// bitmap has a bit for each frame of the home.
type bitmap []uint64

func (m bitmap) set(i addr.HPA)      { m[i/64] |= 1 << (i % 64) }
func (m bitmap) has(i addr.HPA) bool { return m[i/64]>>(i%64)&1 != 0 }

// use is what a walk of CheckRights has seen so far.
type use struct {
	s       *Space
	b       Bounds
	r       *Report
	written bitmap // frames that this set can write
	other   bitmap // frames that the set before could
	fixed   bitmap // tables, code, golden copies
}

// frame returns the index of the home's frame at a.
func (u *use) frame(a addr.HPA) addr.HPA { return (a - u.b.Home) / addr.PageSize }

// inside reports whether a lies in the home.
func (u *use) inside(a addr.HPA) bool { return a >= u.b.Home && a < u.b.HomeEnd }

// walk looks at a table of a level and all below it. rights are what the levels
// above leave: Write and User if all have it, NX if one has.
func (u *use) walk(table addr.HPA, level uint, base addr.HVA, rights uint64) {
	if !u.inside(table) {
		u.r.Note(false, base)
		return
	}
	u.take(table)
	at := u.s.at(table)
	for i := addr.HVA(0); i < 512; i++ {
		e := load(at + 8*i)
		if e&Present == 0 {
			continue
		}
		va := base + i<<(addr.PageShift+9*level)
		if va >= lowHalf {
			va |= 0xffff << 48
		}
		now := rights&e&(Write|User) | (rights|e)&NX
		if level > 0 && e&Large == 0 {
			u.walk(addr.HPA(e&FrameMask), level-1, va, now)
		} else {
			u.r.Note(u.leaf(va, addr.HPA(e&FrameMask), addr.HPA(addr.PageSize)<<(9*level), now), va)
		}
	}
}

// take notes that a frame is in use and must not be writable anywhere.
func (u *use) take(a addr.HPA) {
	f := u.frame(a)
	if u.written.has(f) || u.other != nil && u.other.has(f) {
		u.r.Note(false, u.s.at(a))
	}
	u.fixed.set(f)
}

// leaf reports whether it may be that va is the frame at a, size bytes, with these rights.
func (u *use) leaf(va addr.HVA, a, size addr.HPA, rights uint64) bool {
	write, run := rights&Write != 0, rights&NX == 0
	switch {
	case va == 0 || rights&User != 0 || write && run:
		return false
	case va >= lowHalf: // the direct map
		return !run && (!write || a >= u.b.HomeEnd || a+size <= u.b.Home)
	case size != addr.PageSize || !u.inside(a):
		return false
	case run:
		u.take(a)
	case write:
		f := u.frame(a)
		shared := va >= u.b.Fixed && va < u.b.FixedEnd
		if u.written.has(f) || u.fixed.has(f) || !shared && u.other != nil && u.other.has(f) {
			return false
		}
		u.written.set(f)
	}
	return true
}
