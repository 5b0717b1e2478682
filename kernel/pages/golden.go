package pages

import (
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// Golden is two sets of frames and tables for the same addresses, and a copy of
// what the volatile pages held when it was taken. One set is in use; the other
// one waits, or is being made good again.
type Golden struct {
	Roots  [2]addr.HPA // the PML4 of each set
	Table  addr.HPA    // entries of volatile pages
	Pages  uint64      // how many
	Copies uint64      // of them not all zeros
	Fixed  uint64      // entries that follow them, of pages that nobody writes
	Code   uint64      // the first of these, which are code
	Sum    uint64      // checksum of the table
	Zero   addr.HPA    // the one frame behind what was never written
	Logs   [2]addr.HVA // changes of each set's tables since, in memory of no set
	LogN   [2]uint64
	Pool   addr.HPA // a frame for each change that a log has room for and PoolSize allows
}

// An entry of the table: where the page is mapped in each set, its golden copy
// (0 for zeros), its address, and the copy's checksum. A page that nobody writes
// is its own copy, and has in place of the first two a second one and a quick sum.
const (
	entrySize = 40
	entryFold = 8
	entryCopy = 16
	entryVA   = 24
	entrySum  = 32
)

// PoolSize is how many changes of a set's tables there may be: each takes a
// frame, and its entry of the log says what was there before. A log is a page.
const PoolSize = 256

var _ [addr.PageSize - PoolSize*16]byte

// lowHalf ends the addresses that volatile pages may have.
const lowHalf addr.HVA = 1 << 47

// find descends to the entry that decides about va: a leaf, or what is missing.
//
//go:nosplit
func (s *Space) find(va addr.HVA) (e addr.HVA, level uint) {
	t := s.Root
	for level = 3; ; level-- {
		e = s.at(t) + 8*index(va, level)
		v := load(e)
		if level == 0 || v&Present == 0 || v&Large != 0 {
			return e, level
		}
		t = addr.HPA(v & FrameMask)
	}
}

// next is find for who went on from an address with the entry e of that level: most
// often the next one of the same table.
//
//go:nosplit
func (s *Space) next(va, e addr.HVA, level uint) (addr.HVA, uint) {
	if level == 0 && va&(addr.Page2M-1) != 0 {
		return e + 8, 0
	}
	return s.find(va)
}

// after returns the first address that an entry of the given level for va does
// not cover.
//
//go:nosplit
func after(va addr.HVA, level uint) addr.HVA {
	size := addr.HVA(addr.PageSize) << (9 * level)
	return va&^(size-1) + size
}

// count counts the pages of the low half outside [skip, skipEnd): those that
// can be written, and of the others those that have a frame of their own.
//
//go:nosplit
func (s *Space) count(g *Golden, skip, skipEnd addr.HVA) (volatile, fixed uint64) {
	e, level := addr.HVA(0), uint(3)
	for va := addr.HVA(0); va < lowHalf; {
		if va >= skip && va < skipEnd {
			va = skipEnd
			level = 3
			continue
		}
		e, level = s.next(va, e, level)
		switch v := load(e); {
		case level != 0 || v&Present == 0:
		case v&Write != 0:
			volatile++
		case addr.HPA(v&FrameMask) != g.Zero:
			fixed++
		}
		va = after(va, level)
	}
	return volatile, fixed
}

// Take copies what the volatile pages hold and makes the second set. Volatile
// is every writable page of the low half, except in [skip, skipEnd), multiples
// of 2 MiB, which both sets share, tables included. It reports false if the home
// is full; nothing is lost then. Nothing that it reads may change meanwhile.
//
//go:nosplit
func (s *Space) Take(g *Golden, skip, skipEnd addr.HVA) bool {
	n, fixed := s.count(g, skip, skipEnd)
	g.Table = s.Next
	for i := uint64(0); i < (n+fixed)*entrySize; i += addr.PageSize {
		if s.Alloc() == 0 { // they follow each other
			return false
		}
	}
	b := Space{Window: s.Window, Root: s.Alloc()}
	if b.Root == 0 {
		return false
	}
	for i := addr.HVA(256); i < 512; i++ {
		store(s.at(b.Root)+8*i, load(s.at(s.Root)+8*i))
	}
	g.Roots[0], g.Roots[1] = s.Root, b.Root
	e, level := addr.HVA(0), uint(3)
	eb, of := addr.HVA(0), addr.HVA(0) // the second set's entry for a page
	for va := addr.HVA(0); va < lowHalf; {
		e, level = s.next(va, e, level)
		v := load(e)
		inside := va >= skip && va < skipEnd
		if v&Present != 0 && inside {
			level = 1
			e = s.Entry(va, 1, false)
			v = load(e)
		}
		if v&Present != 0 {
			if level == 0 && eb != 0 && va&^(addr.Page2M-1) == of&^(addr.Page2M-1) {
				eb += (va - of) / addr.PageSize * 8
			} else {
				b.Next, b.End, b.Clear = s.Next, s.End, s.Clear
				eb = b.Entry(va, level, true)
				s.Next = b.Next
			}
			of = va
			if eb == 0 || !s.double(g, e, eb, va, v&Write != 0 && !inside) {
				return false
			}
			if f := addr.HPA(v & FrameMask); v&Write == 0 && level == 0 && f != g.Zero {
				spare := addr.HPA(0)
				if v&NX == 0 {
					if spare = s.frame(); spare == 0 {
						return false
					}
					copyPage(s.at(spare), s.at(f))
					g.Code++
				}
				s.enter(g, n+g.Fixed, [5]uint64{uint64(spare), x86.FoldPage(uintptr(s.at(f))), uint64(f), uint64(va), sumPage(s.at(f))})
				g.Fixed++
			}
		}
		va = after(va, level)
	}
	g.Pool = s.Next
	for i := 0; i < PoolSize; i++ {
		if s.Alloc() == 0 {
			return false
		}
	}
	s.spare(g)
	g.Sum = s.tableSum(g)
	return true
}

// spare gives constants a second copy, as far as there is room: the first pages are
// the likeliest to be used, the last ones are for tracebacks.
//
//go:nosplit
func (s *Space) spare(g *Golden) {
	for i := g.Pages; i < g.Pages+g.Fixed; i++ {
		t := s.at(g.Table) + addr.HVA(i*entrySize)
		if load(t+entrySpare) != 0 {
			continue
		}
		c := s.frame()
		if c == 0 {
			return
		}
		copyPage(s.at(c), s.at(addr.HPA(load(t+entryCopy))))
		store(t+entrySpare, uint64(c))
	}
}

// enter fills entry i of the table.
//
//go:nosplit
func (s *Space) enter(g *Golden, i uint64, words [5]uint64) {
	t := s.at(g.Table) + addr.HVA(i*entrySize)
	for k := range words {
		store(t+8*addr.HVA(k), words[k])
	}
}

// double makes the entry at eb of the second set: as the first set's at e, and
// with a frame of its own if the page is volatile.
//
//go:nosplit
func (s *Space) double(g *Golden, e, eb, va addr.HVA, volatile bool) bool {
	v := load(e)
	if !volatile {
		store(eb, v)
		return true
	}
	// A page that was never written through its address holds zeros; what head.S
	// copied into the image was not written that way.
	used := v&Dirty != 0 || va < addr.FixedBase
	v &^= Dirty | Accessed
	store(e, v)
	from := s.at(addr.HPA(v & FrameMask))
	f, c, sum := addr.HPA(0), addr.HPA(0), uint64(0)
	if used && !zeros(from) {
		if f, c = s.frame(), s.frame(); c == 0 {
			return false
		}
		copyPage(s.at(c), from)
		copyPage(s.at(f), from)
		sum = sumPage(s.at(c))
		g.Copies++
	} else if f = s.Alloc(); f == 0 {
		return false
	}
	store(eb, uint64(f)|v&^FrameMask)
	s.enter(g, g.Pages, [5]uint64{uint64(e), uint64(eb), uint64(c), uint64(va), sum})
	g.Pages++
	return true
}
