package record

import (
	"fmt"
	"strings"

	"perdure/mm/kept"
)

// Unfit lists the reasons why records of one build cannot become those of another.
type Unfit []string

func (u Unfit) Error() string { return strings.Join(u, "; ") }

// planner makes the operations that turn records of from into records of to.
type planner struct {
	from, to *Layouts
	ops      []kept.Op
	rings    []kept.Op // come first: the positions in the new record are still those of the last time
	seals    []kept.Op // come last
	why      Unfit
	joined   bool // the next copy may be joined with the last one
}

// Plan returns the operations that make a record of u, in to, from one of t, in
// from. The error is an Unfit.
func Plan(from *Layouts, t *Table, to *Layouts, u *Table) ([]kept.Op, error) {
	p := &planner{from: from, to: to}
	p.message(t.Name, from.Of(t), to.Of(u), 0, 0)
	if p.why != nil {
		return nil, p.why
	}
	return append(append(p.rings, p.ops...), p.seals...), nil
}

func (p *planner) refuse(where, format string, a ...any) {
	if len(p.why) < 20 { // who has more is not helped by them
		p.why = append(p.why, where+": "+fmt.Sprintf(format, a...))
	}
}

// message makes the operations for a struct at offset a of the old record that
// is at b of the new one.
func (p *planner) message(where string, old, fresh *Message, a, b uint64) {
	Rest()
	if p.from.equal(old, p.to, fresh) && !fresh.special(p.to) {
		p.copy(a, b, old.Size)
		return
	}
	for i := range old.Fields {
		if f := &old.Fields[i]; f.Will == WillMust && fresh.field(f.Number) == nil && f.Mark != MarkSum && f.Mark != MarkBytes {
			p.refuse(where+"."+f.Name, "the next build does not know it, and it must be known")
		}
	}
	for _, g := range fresh.ordered() {
		switch f := old.field(g.Number); {
		case g.Mark == MarkSum:
			if f != nil && !p.from.equal(old, p.to, fresh) {
				p.seals = append(p.seals, kept.Op{What: kept.OpSeal, From: a, To: b, A: old.Size, Bytes: fresh.Size})
			}
			if f != nil && p.from.equal(old, p.to, fresh) {
				p.copy(a+f.Offset, b+g.Offset, 8)
			}
		case g.Mark == MarkBytes:
			p.add(kept.Op{What: kept.OpFill, To: b + g.Offset, Bytes: g.Size, A: fresh.Size})
		case f == nil:
			p.absent(where+"."+g.Name, g, b)
		case f.Type != g.Type:
			p.refuse(where+"."+g.Name, "it is something else in the other build")
		case !carried(p.from, f, p.to, g):
			p.joined = false
		default:
			p.field(where+"."+g.Name, old, fresh, f, g, a, b)
		}
	}
}

// absent is for a field that the old record does not have.
func (p *planner) absent(where string, g *Field, b uint64) {
	p.joined = false
	switch {
	case g.Will == WillMust:
		p.refuse(where, "the running build does not have it, and it must be known")
	case g.Will == WillDefault && g.Default != 0:
		for i := range g.Len {
			p.add(kept.Op{What: kept.OpFill, To: b + g.Offset + i*g.Size, Bytes: g.Size, A: g.Default})
		}
	}
}

// field makes the operations for a field that both have.
func (p *planner) field(where string, old, fresh *Message, f, g *Field, a, b uint64) {
	x, y, n := a+f.Offset, b+g.Offset, min(f.Len, g.Len)
	switch {
	case g.Mark == MarkRing && f.Mark == MarkRing:
		p.joined = false
		p.rings = append(p.rings, kept.Op{
			What: kept.OpRing, From: x, To: y, A: f.bytes(), Bytes: g.bytes(), Unit: g.Unit,
			PosFrom: a + old.field(f.Position).Offset, PosTo: b + fresh.field(g.Position).Offset,
		})
	case g.Mark == MarkHint && alike(p.from, f, p.to, g):
		p.add(kept.Op{What: kept.OpHint, From: x, To: y, Bytes: g.bytes()})
	case f.Type == Struct && !p.from.equal(p.from.in(f), p.to, p.to.in(g)) || f.Type == Struct && p.to.in(g).special(p.to):
		for i := range n {
			p.message(where, p.from.in(f), p.to.in(g), x+i*f.Size, y+i*g.Size)
		}
	case f.Size == g.Size:
		p.copy(x, y, n*g.Size)
	default:
		signed := uint64(0)
		if f.Type == Int {
			signed = 1
		}
		for i := range n {
			p.add(kept.Op{What: kept.OpWiden, From: x + i*f.Size, To: y + i*g.Size, Bytes: g.Size, A: f.Size, B: signed})
		}
	}
}

// special reports whether some field of m is not simply copied.
func (m *Message) special(l *Layouts) bool {
	for i := range m.Fields {
		f := &m.Fields[i]
		if f.Mark == MarkRing || f.Mark == MarkHint || f.Type == Struct && l.in(f).special(l) {
			return true
		}
	}
	return false
}

// maxPlan is more operations than a change has room for.
const maxPlan = 1 << 12

func (p *planner) add(o kept.Op) {
	if len(p.ops) == maxPlan {
		p.refuse("in all", "the layouts differ in too many places")
		return
	}
	p.ops = append(p.ops, o)
	p.joined = false
}

// copy adds a copy, or makes the last one longer: between the two is nothing but
// what the compiler leaves free.
func (p *planner) copy(a, b, n uint64) {
	if p.joined {
		last := &p.ops[len(p.ops)-1]
		gap := a - last.From - last.Bytes
		if gap == b-last.To-last.Bytes && gap < 8 {
			last.Bytes += gap + n
			return
		}
	}
	p.add(kept.Op{What: kept.OpCopy, From: a, To: b, Bytes: n})
	p.joined = true
}
