package mm

import (
	"slices"

	"perdure/boot"
	"perdure/mm/addr"
)

// OwnerOf returns who f belongs to; ok is false if it is no RAM.
func OwnerOf(f addr.Frame) (o Owner, ok bool) {
	read(func(s *set) {
		if i := s.find(f); i < len(s.list()) && s.E[i].Start <= f {
			o, ok = s.E[i].Owner, true
		}
	})
	return o, ok
}

// Sums is how many bytes each owner has.
type Sums [numOwners]uint64

// Total returns how many bytes have an owner, nobody included.
func (t *Sums) Total() (n uint64) {
	for _, b := range t {
		n += b
	}
	return n
}

// Totals returns how many bytes each owner has.
func Totals() (t Sums) {
	for _, e := range Extents() {
		t[e.Owner%numOwners] += e.Size()
	}
	return t
}

// Extents returns all extents, by address.
func Extents() (list []Extent) {
	read(func(s *set) { list = slices.Clone(s.list()) })
	return list
}

// Walk calls f for all of [start, end), whole pages, piece by piece: for each
// extent, and with owner 0 for what is no RAM.
func Walk(start, end addr.HPA, f func(at addr.HPA, size uint64, o Owner) error) error {
	piece := func(to addr.HPA, o Owner) error {
		at := start
		if to = min(to, end); at >= to {
			return nil
		}
		start = to
		return f(at, uint64(to-at), o)
	}
	for _, e := range Extents() {
		if err := piece(e.Start.Addr(), 0); err != nil {
			return err
		}
		if err := piece(e.End().Addr(), e.Owner); err != nil {
			return err
		}
	}
	return piece(end, 0)
}

// Has reports whether one of owners has a frame of [start, start+size), and
// where the first is.
func Has(start addr.HPA, size uint64, owners ...Owner) (at addr.HPA, has bool) {
	return first(start, size, func(o Owner) bool { return slices.Contains(owners, o) })
}

// HasNot reports whether a frame of [start, start+size) belongs to none of
// owners, or is no RAM, and where the first is.
func HasNot(start addr.HPA, size uint64, owners ...Owner) (at addr.HPA, hasNot bool) {
	return first(start, size, func(o Owner) bool { return !slices.Contains(owners, o) })
}

// first finds the first frame of a range whose owner is one that f wants.
func first(start addr.HPA, size uint64, f func(Owner) bool) (at addr.HPA, found bool) {
	if size == 0 {
		return 0, false
	}
	read(func(s *set) { at, found = s.first(start.Frame(), (start + addr.HPA(size) - 1).Frame(), f) })
	return at, found
}

// first finds the first frame of [frame, last] whose owner is one that f wants;
// what is no RAM has owner 0.
func (s *set) first(frame, last addr.Frame, f func(Owner) bool) (at addr.HPA, found bool) {
	for _, e := range s.list()[s.find(frame):] {
		if frame > last {
			break
		}
		if e.Start > frame { // a gap before e
			if f(0) {
				return frame.Addr(), true
			}
			frame = e.Start
		}
		if frame <= last && f(e.Owner) {
			return frame.Addr(), true
		}
		frame = e.End()
	}
	if frame <= last && f(0) {
		return frame.Addr(), true
	}
	return 0, false
}

// Map returns m with all that is the hypervisor's marked as boot.Ours.
func Map(m boot.Map) boot.Map {
	var over []boot.Region
	for _, e := range Extents() {
		if e.Owner == Home || e.Owner == Kept {
			over = append(over, boot.Region{Start: e.Start.Addr(), Size: e.Size(), Kind: boot.Ours})
		}
	}
	return m.Overlay(over...)
}
