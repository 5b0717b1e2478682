package mm

import (
	"errors"

	"perdure/mm/addr"
	"perdure/mm/kept"
)

// Extent is a stretch of frames of one owner.
type Extent struct {
	Start addr.Frame
	Pages uint64
	Owner Owner
}

// End returns the first frame after e.
func (e Extent) End() addr.Frame { return e.Start + addr.Frame(e.Pages) }

// Size returns the bytes in e.
func (e Extent) Size() uint64 { return e.Pages * addr.PageSize }

// maxExtents is how many there can be; a set is 16 KiB then.
const maxExtents = 681

// set is all extents: a kept record. At rest it is sorted and has no overlaps,
// and neighbours of one owner are one extent.
type set struct {
	kept.Header
	N uint64
	E [maxExtents]Extent
}

var errFull = errors.New("memory is in too many pieces: the table of extents is full")

// list returns the extents of s.
func (s *set) list() []Extent { return s.E[:min(s.N, maxExtents)] }

// add puts the whole pages of [start, end) at the end of s.
func (s *set) add(start, end addr.HPA, o Owner) error {
	first, last := (start + addr.PageSize - 1).Frame(), end.Frame()
	if first >= last {
		return nil
	}
	return s.append(Extent{first, uint64(last - first), o})
}

// append puts e at the end of s, joined with its neighbour if it can be.
func (s *set) append(e Extent) error {
	if n := s.N; n > 0 {
		if l := &s.E[n-1]; l.Owner == e.Owner && l.End() == e.Start {
			l.Pages += e.Pages
			return nil
		}
	}
	if s.N >= maxExtents {
		return errFull
	}
	s.E[s.N] = e
	s.N++
	return nil
}

// paint makes s what old is, with new owners for the frames of [start, end): to
// says whom a frame goes to that belonged to somebody.
func (s *set) paint(old *set, start, end addr.HPA, to func(Owner) Owner) error {
	first, last := start.Frame(), end.Frame()
	s.N = 0
	for _, e := range old.list() {
		for _, part := range e.cut(first, last) {
			if part.Pages == 0 {
				continue
			}
			if part.Start >= first && part.End() <= last {
				part.Owner = to(part.Owner)
			}
			if err := s.append(part); err != nil {
				return err
			}
		}
	}
	clear(s.E[s.N:])
	return nil
}

// cut returns what of e lies before first, in [first, last), and from last on.
func (e Extent) cut(first, last addr.Frame) [3]Extent {
	a := min(max(first, e.Start), e.End())
	b := max(min(last, e.End()), a)
	return [3]Extent{
		{e.Start, uint64(a - e.Start), e.Owner},
		{a, uint64(b - a), e.Owner},
		{b, uint64(e.End() - b), e.Owner},
	}
}

// find returns the index of the extent that has f or, if none has, of the first
// one after it.
func (s *set) find(f addr.Frame) int {
	lo, hi := 0, int(min(s.N, maxExtents))
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if s.E[mid].End() <= f {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// pages returns how many frames s has.
func (s *set) pages() (n uint64) {
	for _, e := range s.list() {
		n += e.Pages
	}
	return n
}
