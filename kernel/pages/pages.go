// Package pages is an instance's own address space: page tables and the frames
// of its home.
//
// The one idea: a table is reached through a window of physical memory, so that
// building one is the same code on the metal and in a host test.
package pages

import "perdure/mm/addr"

// Bits of a page-table entry. SDM Vol. 3A, "4-Level Paging".
const (
	Present  = 1 << 0
	Write    = 1 << 1
	User     = 1 << 2
	Accessed = 1 << 5
	Dirty    = 1 << 6
	Large    = 1 << 7
	NX       = 1 << 63

	FrameMask = 0x000ffffffffff000
)

// What the pages of an instance are mapped as.
const (
	RW = Present | Write | NX
	RO = Present | NX
	RX = Present
)

// Space is one address space. Its zero frames come from a stretch of the home
// that only grows.
type Space struct {
	Window addr.HVA // where physical address 0 is seen
	Root   addr.HPA // the PML4
	Next   addr.HPA // first frame not given out
	End    addr.HPA // first frame that is not ours
	Clear  uint64   // 1: frames not given out hold zeros
}

// Alloc returns a frame of zeros, or 0 if the home is full.
//
//go:nosplit
func (s *Space) Alloc() addr.HPA {
	f := s.frame()
	if f != 0 && s.Clear == 0 {
		zero(s.at(f))
	}
	return f
}

// frame is Alloc for who writes all of it.
//
//go:nosplit
func (s *Space) frame() addr.HPA {
	f := s.Next
	if f == 0 || f >= s.End || f&(addr.PageSize-1) != 0 {
		return 0
	}
	s.Next = f + addr.PageSize
	return f
}

// at returns where physical address a is seen.
//
//go:nosplit
func (s *Space) at(a addr.HPA) addr.HVA { return s.Window + addr.HVA(a) }

// index returns which entry of a table of the given level va selects; level 0
// is the page table, level 3 the PML4.
//
//go:nosplit
func index(va addr.HVA, level uint) addr.HVA {
	return va >> (addr.PageShift + 9*level) & 511
}

// Entry returns where the entry for va in its table of the given level is
// seen, or 0 if there is no such table and create is false or the home is full.
//
//go:nosplit
func (s *Space) Entry(va addr.HVA, level uint, create bool) addr.HVA {
	t := s.Root
	for l := uint(3); ; l-- {
		e := s.at(t) + 8*index(va, l)
		if l == level {
			return e
		}
		v := load(e)
		if v&Present == 0 {
			if !create {
				return 0
			}
			f := s.Alloc()
			if f == 0 {
				return 0
			}
			v = uint64(f) | Present | Write
			store(e, v)
		}
		if v&Large != 0 {
			return 0
		}
		t = addr.HPA(v & FrameMask)
	}
}

// Map makes va the page at pa. It reports false if the home is full.
//
//go:nosplit
func (s *Space) Map(va addr.HVA, pa addr.HPA, flags uint64) bool {
	e := s.Entry(va, 0, true)
	if e == 0 {
		return false
	}
	store(e, uint64(pa)|flags)
	return true
}

// MapNew makes va a page of zeros of its own.
//
//go:nosplit
func (s *Space) MapNew(va addr.HVA, flags uint64) bool {
	f := s.Alloc()
	return f != 0 && s.Map(va, f, flags)
}

// Lookup returns the entry that maps va, or 0.
//
//go:nosplit
func (s *Space) Lookup(va addr.HVA) uint64 {
	e := s.Entry(va, 0, false)
	if e == 0 {
		return 0
	}
	return load(e)
}

// Unmap makes va nothing. The caller flushes.
//
//go:nosplit
func (s *Space) Unmap(va addr.HVA) {
	if e := s.Entry(va, 0, false); e != 0 {
		store(e, 0)
	}
}

// Direct extends the direct map to cover [from, to), which must be multiples
// of 1 GiB, with 1 GiB pages if huge, else with 2 MiB pages.
//
//go:nosplit
func (s *Space) Direct(from, to addr.HPA, huge bool) bool {
	for a := from; a < to; {
		level, size := uint(1), addr.HPA(addr.Page2M)
		if huge {
			level, size = 2, addr.Page1G
		}
		e := s.Entry(addr.DirectBase+addr.HVA(a), level, true)
		if e == 0 {
			return false
		}
		store(e, uint64(a)|Present|Write|Large)
		a += size
	}
	return true
}

// Restrict adds flags, such as NX, to all that lies in the 512 GiB at va.
//
//go:nosplit
func (s *Space) Restrict(va addr.HVA, flags uint64) {
	e := s.Entry(va, 3, false)
	store(e, load(e)|flags)
}
