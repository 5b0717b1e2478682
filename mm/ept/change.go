package ept

import (
	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/mm/phys"
)

// What a change does with each entry in its range.
const (
	mapping = iota + 1
	unmapping
	protecting
)

// change is one change to a range of a table.
type change struct {
	t    *Table
	kind int
	hpa  addr.HPA // of guest-physical address 0, when mapping; wraps
	perm Perm
	mem  MemType
}

// do changes [gpa, end).
func (c *change) do(gpa, end addr.GPA) error {
	if gpa == end {
		return nil
	}
	return c.level(c.t.root, levels-1, gpa, end)
}

// level changes [gpa, end), which lies within the table at the given address.
func (c *change) level(at addr.HPA, level uint, gpa, end addr.GPA) error {
	for gpa < end {
		next := min((gpa|addr.GPA(span(level)-1))+1, end)
		if err := c.entry(at+addr.HPA(8*index(gpa, level)), level, gpa, next); err != nil {
			return err
		}
		gpa = next
	}
	return nil
}

// entry changes [gpa, end), which the entry at the given address covers, wholly
// or in part.
func (c *change) entry(at addr.HPA, level uint, gpa, end addr.GPA) error {
	e := Entry(phys.Load(at))
	whole := uint64(end-gpa) == span(level)
	page := e.leaf(level)
	switch {
	case !e.Present() && c.kind != mapping:
		return nil
	case whole && e.Present() && page && c.kind != mapping, whole && (page || !e.Present()) && c.fits(gpa, level):
		phys.Store(at, uint64(c.new(e, gpa, level)))
		return nil
	case !e.Present():
		below, err := c.t.empty(gpa)
		if err != nil {
			return err
		}
		// Filled before it is seen: no processor meets half of it.
		if err := c.level(below, level-1, gpa, end); err != nil {
			phys.Store(at, uint64(below)|uint64(table))
			return err
		}
		phys.Store(at, uint64(below)|uint64(table))
		return nil
	case page:
		below, err := c.t.split(e, gpa, level)
		if err != nil {
			return err
		}
		phys.Store(at, uint64(below)|uint64(table))
		return c.level(below, level-1, gpa, end)
	}
	return c.level(e.HPA(), level-1, gpa, end)
}

// fits reports whether what is to be mapped at gpa can be one page of the level.
func (c *change) fits(gpa addr.GPA, level uint) bool {
	return c.kind == mapping && level <= c.t.top && (c.hpa + addr.HPA(gpa)).Aligned(span(level))
}

// new returns what a page's entry becomes.
func (c *change) new(old Entry, gpa addr.GPA, level uint) Entry {
	switch c.kind {
	case mapping:
		return page(c.hpa+addr.HPA(gpa), c.perm, c.mem, level)
	case protecting:
		return old&^Entry(RWX) | Entry(c.perm)
	}
	return 0
}

// empty returns a table of nothing.
func (t *Table) empty(gpa addr.GPA) (addr.HPA, error) {
	a, err := kept.Page(t.owner)
	if err != nil {
		return 0, noRoom(gpa, err)
	}
	return a, nil
}

// split returns a table of smaller pages that maps what the large page e does.
func (t *Table) split(e Entry, gpa addr.GPA, level uint) (addr.HPA, error) {
	at, err := t.empty(gpa)
	if err != nil {
		return 0, err
	}
	step := span(level - 1)
	if level-1 == 0 {
		e &^= large
	}
	for i := range uint64(512) {
		phys.Store(at+addr.HPA(8*i), uint64(e)+i*step)
	}
	return at, nil
}
