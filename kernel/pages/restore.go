package pages

import "perdure/mm/addr"

// Restore makes volatile pages [from, to) of set (0 or 1) what they were when g
// was taken, as far as they were written since, and returns how many that were.
// It may be cut short and begun again. The caller lets it write to the window
// and flushes afterwards.
//
//go:nosplit
func (s *Space) Restore(g *Golden, set, from, to uint64) (n uint64) {
	set &= 1
	t := s.at(g.Table) + addr.HVA(from*entrySize+set*8)
	for end := s.at(g.Table) + addr.HVA(min(to, g.Pages)*entrySize); t < end; t += entrySize {
		e := addr.HVA(load(t))
		v := load(e)
		if v&Dirty == 0 {
			continue
		}
		to := s.at(addr.HPA(v & FrameMask))
		if c := load(t - addr.HVA(set*8) + entryCopy); c != 0 {
			copyPage(to, s.at(addr.HPA(c)))
		} else {
			zero(to)
		}
		store(e, v&^(Dirty|Accessed))
		n++
	}
	return n
}

// Undo takes back what Back changed in set; latest change first, so that an
// entry changed twice ends as it began.
//
//go:nosplit
func (s *Space) Undo(g *Golden, set uint64) {
	set &= 1
	for i := g.LogN[set]; i > 0; i-- {
		l := g.Logs[set] + addr.HVA(i-1)*16
		store(addr.HVA(load(l)), load(l+8))
	}
	g.LogN[set] = 0
}

// Back gives va a page in set after g was taken: a frame of the pool, and every
// change of a table goes to the log before it is made. It reports false if the
// pool is empty.
//
//go:nosplit
func (s *Space) Back(g *Golden, set uint64, va addr.HVA) bool {
	set &= 1
	a := Space{Window: s.Window, Root: g.Roots[set]}
	for {
		e, level := a.find(va)
		old := load(e)
		if level == 0 && old&Write != 0 {
			return true
		}
		k := g.LogN[set]
		if old&Large != 0 && level > 0 || k >= PoolSize {
			return false
		}
		f := g.Pool + addr.HPA(k*addr.PageSize)
		zero(s.at(f))
		l := g.Logs[set] + addr.HVA(k)*16
		store(l, uint64(e))
		store(l+8, old)
		g.LogN[set] = k + 1
		if level == 0 {
			store(e, uint64(f)|RW)
			return true
		}
		store(e, uint64(f)|Present|Write)
	}
}

// Protect takes the right to write from the direct map of [from, to), multiples
// of 2 MiB below the part that is mapped with larger pages.
//
//go:nosplit
func (s *Space) Protect(from, to addr.HPA) {
	for a := from; a < to; a += addr.Page2M {
		if e := s.Entry(a.HVA(), 1, false); e != 0 {
			store(e, load(e)&^Write)
		}
	}
}
