// Package mm says which frame of memory belongs to whom.
//
// The one idea: every frame of RAM has exactly one owner, in one table; a
// change of owners is a new table, which one store puts in the place of the old.
package mm

import (
	"errors"

	"perdure/boot"
	"perdure/mm/addr"
	"perdure/mm/kept"
)

// Layout is what Start is told of the machine.
type Layout struct {
	Map    boot.Map
	Home   boot.Region   // this instance's
	Loaded []boot.Region // what the loader put into RAM and is still needed
	Kept   uint64        // size of the kept arena; 0: kept.DefaultSize
}

var errKept = errors.New("no memory below 4 GiB for the hypervisor's kept state: give the machine more memory or load smaller modules")

// Start makes the kept arena, just below the home if it can be, and gives every
// frame an owner.
func Start(l Layout) error {
	if l.Kept == 0 {
		l.Kept = kept.DefaultSize
	}
	at, ok := place(l)
	if !ok {
		return errKept
	}
	if err := kept.Start(at, l.Kept); err != nil {
		return err
	}
	if err := open(); err != nil {
		return err
	}
	s := &table.sets[0]
	*s = set{}
	owners := map[boot.Kind]Owner{boot.RAM: Free, boot.ACPI: Firmware, boot.NVS: Firmware}
	for _, r := range l.Map {
		if o := owners[r.Kind]; o != 0 {
			if err := s.add(r.Start, r.End(), o); err != nil {
				return err
			}
		}
	}
	kept.Seal(s, kept.KindExtents)
	table.frames.Current, table.frames.Pages = 0, s.pages()
	for _, r := range l.Loaded {
		if _, err := Claim(r.Start, r.Size, Loader); err != nil {
			return err
		}
	}
	return errors.Join(own(l.Home.Start, l.Home.Size, Home), own(at, l.Kept, Kept))
}

// Attach finds the owners that another instance wrote, by the root page of kept
// state.
func Attach(root addr.HPA) error {
	if kept.Root() != root { // else the caller knows already which directory is its own
		if err := kept.Attach(root); err != nil {
			return err
		}
	}
	if err := open(); err != nil {
		return err
	}
	for range looks {
		if kept.Sealed(current(), kept.KindExtents) {
			return nil
		}
	}
	return errDamaged
}

// looks is how often a table is looked at before it is held for damaged: the other instance may
// run, and make the next set but one of the one that is being looked at.
const looks = 100

// own gives [start, start+size) to o, whatever it was.
func own(start addr.HPA, size uint64, o Owner) error {
	return change(func(old, s *set) error {
		return s.paint(old, start, start+addr.HPA(size), func(Owner) Owner { return o })
	})
}

// place returns where the kept arena goes: the highest RAM below the home, or
// else below 4 GiB, with nothing in it that the loader left.
func place(l Layout) (addr.HPA, bool) {
	busy := append([]boot.Region{l.Home}, l.Loaded...)
	for _, top := range []addr.HPA{l.Home.Start, 4 << 30} {
		for i := len(l.Map) - 1; i >= 0; i-- {
			r := l.Map[i]
			first := max(r.Start, lowest)
			if end := min(r.End(), top); r.Kind == boot.RAM && end > first {
				if at, ok := below(first, end, l.Kept, busy); ok {
					return at, true
				}
			}
		}
	}
	return 0, false
}

// lowest is the first address that the arena may have: firmware and real mode
// have their uses for what is below.
const lowest = 1 << 20

// below returns the highest place for n bytes in [first, end) that touches
// nothing busy.
func below(first, end addr.HPA, n uint64, busy []boot.Region) (addr.HPA, bool) {
	for uint64(end-first) >= n {
		at := (end - addr.HPA(n)) &^ (addr.PageSize - 1)
		if at < first {
			break
		}
		clear := true
		for _, b := range busy {
			if b.Size != 0 && b.Start < at+addr.HPA(n) && at < b.End() {
				clear, end = false, min(end, b.Start)
			}
		}
		if clear {
			return at, true
		}
		if end < first {
			break
		}
	}
	return 0, false
}
