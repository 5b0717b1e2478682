package record

import (
	"strconv"

	"perdure/mm/kept"
)

// Change is what has to be done so that a build with other layouts can take over.
type Change struct {
	Same   bool // nothing
	Tables []kept.Staged
	Moves  []Move
}

// Move is a table whose records do not stay where they are.
type Move struct {
	Old, New    *Table
	There, Back []kept.Op
}

// Compare finds out how a build with the layouts to takes over from one with
// from, and how this one gets back what is its own. All tables are moved if that
// is wanted, however alike they are. The error is an Unfit.
func Compare(from, to *Layouts, full bool) (*Change, error) {
	c := &Change{Same: !full && from.Same(to)}
	var why Unfit
	for i := range from.Tables {
		if t := &from.Tables[i]; to.Table(t.Kind) == nil && t.Marks&kept.Drop == 0 {
			why = append(why, t.Name+": the next build does not know the table, and it must be known")
		}
	}
	for i := range to.Tables {
		u := &to.Tables[i]
		s := kept.Staged{Kind: u.Kind, Stride: u.Stride, Count: u.Count, Version: u.Version}
		t := from.Table(u.Kind)
		switch {
		case t == nil:
		case t.Marks&kept.Opaque != 0 || !full && from.sameTable(t, to, u):
			if s.Share = from.sameTable(t, to, u); !s.Share {
				why = append(why, t.Name+": it stays where it is, and the next build wants it otherwise")
			}
		default:
			m, bad := from.move(t, to, u)
			why = append(why, bad...)
			c.Moves = append(c.Moves, m)
		}
		c.Tables = append(c.Tables, s)
	}
	if there, back := c.ops(); !kept.Room(len(c.Moves), max(there, back), 0) {
		why = append(why, "the layouts differ in too many places")
	}
	if why != nil {
		return nil, why
	}
	return c, nil
}

// move finds out how the records of t become those of u.
func (l *Layouts) move(t *Table, o *Layouts, u *Table) (m Move, why Unfit) {
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	if t.Version < u.Reads || t.Reads > u.Version {
		why = append(why, t.Name+": the running build has version "+number(t.Version)+" and writes from "+number(t.Reads)+
			" on, the next has "+number(u.Version)+" and reads from "+number(u.Reads)+" on")
	}
	if u.Count < t.Count {
		why = append(why, t.Name+": the next build has room for fewer")
	}
	m = Move{Old: t, New: u}
	var err error
	if m.There, err = Plan(l, t, o, u); err != nil {
		why = append(why, err.(Unfit)...)
	} else if m.Back, err = Plan(o, u, l, t); err != nil {
		for _, s := range err.(Unfit) {
			why = append(why, "on the way back: "+s)
		}
	}
	return m, why
}

// ops returns how many operations all moves have.
func (c *Change) ops() (there, back int) {
	for _, m := range c.Moves {
		there, back = there+len(m.There), back+len(m.Back)
	}
	return there, back
}

// Fill writes what c says into a change of the arena whose tables are at the
// addresses that old and fresh say.
func (c *Change) Fill(k *kept.Change, own uint64, from, to *Layouts, old, fresh func(kept.Kind) uint64) {
	there, back := &k.Way[own], &k.Way[own^1]
	*there, *back = kept.Way{}, kept.Way{}
	for i, m := range c.Moves {
		n, use, useNew := min(m.Old.Count, m.New.Count), from.use(m.Old), to.use(m.New)
		there.Table[i] = kept.Moved{
			Kind: m.Old.Kind, From: old(m.Old.Kind), To: fresh(m.Old.Kind), FromStride: m.Old.Stride, ToStride: m.New.Stride,
			Count: n, UseFrom: use, UseTo: useNew,
		}
		back.Table[i] = kept.Moved{
			Kind: m.Old.Kind, From: fresh(m.Old.Kind), To: old(m.Old.Kind), FromStride: m.New.Stride, ToStride: m.Old.Stride,
			Count: n, UseFrom: useNew, UseTo: use,
		}
		there.Add(i, m.There)
		back.Add(i, m.Back)
	}
}

// use returns 1 + the offset of the word that says whether a record is in use.
func (l *Layouts) use(t *Table) uint64 {
	for _, f := range l.Of(t).Fields {
		if f.Mark == MarkUse {
			return 1 + f.Offset
		}
	}
	return 0
}
