package mm

import (
	"errors"
	"strconv"

	"perdure/mm/addr"
)

// Alloc returns n bytes of memory, rounded up to whole pages, at a multiple of
// align, that now belong to o. They lie as high as they can, so that what is
// below 4 GiB is left to those who need it. They are not cleared: what the
// last owner left is still there.
func Alloc(n, align uint64, o Owner) (addr.HPA, error) {
	return AllocBelow(^addr.HPA(addr.PageSize-1), n, align, o)
}

// AllocBelow is Alloc below a limit.
func AllocBelow(limit addr.HPA, n, align uint64, o Owner) (at addr.HPA, err error) {
	return alloc(limit, n, align, o, (*set).hole)
}

// AllocLow is AllocBelow as low as it can: for what is given back soon, and must not
// lie where something large could.
func AllocLow(limit addr.HPA, n, align uint64, o Owner) (at addr.HPA, err error) {
	return alloc(limit, n, align, o, (*set).lowest)
}

func alloc(limit addr.HPA, n, align uint64, o Owner, find func(*set, addr.HPA, uint64, uint64) (addr.HPA, bool)) (at addr.HPA, err error) {
	if n == 0 || n > 1<<52 || align&(align-1) != 0 || o <= Free || o >= numOwners {
		return 0, errors.New("memory: an allocation that makes no sense")
	}
	n = (n + addr.PageSize - 1) &^ (addr.PageSize - 1)
	align = max(align, addr.PageSize)
	err = change(func(old, s *set) error {
		var ok bool
		if at, ok = find(old, limit, n, align); !ok {
			return errors.New("no " + strconv.FormatUint(n>>10, 10) + " KiB of free memory in one piece; the largest piece has " +
				strconv.FormatUint(old.largest(limit)>>10, 10) + " KiB")
		}
		return s.paint(old, at, at+addr.HPA(n), func(Owner) Owner { return o })
	})
	return at, err
}

// hole returns the highest free place for n bytes below limit.
func (s *set) hole(limit addr.HPA, n, align uint64) (addr.HPA, bool) {
	es := s.list()
	for i := len(es) - 1; i >= 0; i-- {
		e := &es[i]
		start, end := e.Start.Addr(), min(e.End().Addr(), limit)
		if e.Owner != Free || end <= start || uint64(end-start) < n {
			continue
		}
		if at := (end - addr.HPA(n)) &^ addr.HPA(align-1); at >= start {
			return at, true
		}
	}
	return 0, false
}

// lowest returns the lowest free place for n bytes below limit.
func (s *set) lowest(limit addr.HPA, n, align uint64) (addr.HPA, bool) {
	for _, e := range s.list() {
		at, end := (e.Start.Addr()+addr.HPA(align-1))&^addr.HPA(align-1), min(e.End().Addr(), limit)
		if e.Owner == Free && at < end && uint64(end-at) >= n {
			return at, true
		}
	}
	return 0, false
}

// largest returns the size of the largest free piece below limit.
func (s *set) largest(limit addr.HPA) (n uint64) {
	for _, e := range s.list() {
		if start, end := e.Start.Addr(), min(e.End().Addr(), limit); e.Owner == Free && end > start {
			n = max(n, uint64(end-start))
		}
	}
	return n
}

// Claim gives o all frames of [start, start+size) that are Free or the Loader's,
// and returns how many bytes that was.
func Claim(start addr.HPA, size uint64, o Owner) (got uint64, err error) {
	if o <= Free || o >= numOwners {
		return 0, errors.New("memory: an owner that makes no sense")
	}
	end := (start + addr.HPA(size) + addr.PageSize - 1) &^ (addr.PageSize - 1)
	err = change(func(old, s *set) error {
		for _, e := range old.list() {
			if e.Owner == Free || e.Owner == Loader {
				got += e.cut(start.Frame(), end.Frame())[1].Size()
			}
		}
		return s.paint(old, start, end, func(was Owner) Owner {
			if was == Free || was == Loader {
				return o
			}
			return was
		})
	})
	return got, err
}

// Release makes [start, start+size) free. All of it must belong to o.
func Release(start addr.HPA, size uint64, o Owner) error {
	return change(func(old, s *set) error {
		if !start.Aligned(addr.PageSize) || size%addr.PageSize != 0 || !old.all(start, size, o) {
			return errors.New("memory: what is to be freed does not belong to " + o.String())
		}
		return s.paint(old, start, start+addr.HPA(size), func(Owner) Owner { return Free })
	})
}

// ReleaseAll makes all that belongs to o free.
func ReleaseAll(o Owner) error {
	return change(func(old, s *set) error {
		return s.paint(old, 0, ^addr.HPA(0), func(was Owner) Owner {
			if was == o {
				return Free
			}
			return was
		})
	})
}

// ReleaseShared makes free what is shared, page by page, but for those that keep
// says are in use.
func ReleaseShared(keep func(a addr.HPA) bool) error {
	for _, e := range Extents() {
		if e.Owner != Shared {
			continue
		}
		for n, f := uint64(0), e.Start; f < e.End(); f += addr.Frame(n) {
			kept := keep(f.Addr())
			for n = 1; f+addr.Frame(n) < e.End() && keep((f+addr.Frame(n)).Addr()) == kept; n++ {
			}
			if kept {
				continue
			}
			if err := Release(f.Addr(), n*addr.PageSize, Shared); err != nil {
				return err
			}
		}
	}
	return nil
}

// all reports whether o has all of [start, start+size).
func (s *set) all(start addr.HPA, size uint64, o Owner) bool {
	if size == 0 {
		return true
	}
	f, last := start.Frame(), (start + addr.HPA(size) - 1).Frame()
	for i := s.find(f); i < int(s.N) && f <= last; i++ {
		if e := &s.E[i]; e.Start > f || e.Owner != o {
			return false
		}
		f = s.E[i].End()
	}
	return f > last
}
