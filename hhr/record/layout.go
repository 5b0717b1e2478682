package record

import (
	"encoding/binary"
	"hash/fnv"
	"slices"
)

// Layout returns a checksum of how a table's records lie in memory: where each
// number is and what it consists of. Names and wills are no part of it.
func (l *Layouts) Layout(t *Table) uint64 {
	h := fnv.New64a()
	word := func(words ...uint64) {
		for _, w := range words {
			h.Write(binary.LittleEndian.AppendUint64(nil, w))
		}
	}
	word(uint64(t.Kind), t.Stride, t.Count, uint64(t.Marks))
	var walk func(m *Message)
	walk = func(m *Message) {
		word(m.Size, uint64(len(m.Fields)))
		for i := range m.Fields {
			f := &m.Fields[i]
			word(f.Number, uint64(f.Type), f.Offset, f.Size, f.Len, uint64(f.Mark))
			if f.Type == Struct {
				walk(l.in(f))
			}
		}
	}
	walk(l.Of(t))
	return h.Sum64()
}

// equal reports whether a message of l lies in memory as one of o does.
func (l *Layouts) equal(a *Message, o *Layouts, b *Message) bool {
	Rest()
	if a.Size != b.Size || len(a.Fields) != len(b.Fields) {
		return false
	}
	for i := range a.Fields {
		f, g := &a.Fields[i], &b.Fields[i]
		if f.Number != g.Number || f.Type != g.Type || f.Offset != g.Offset || f.Size != g.Size || f.Len != g.Len || f.Mark != g.Mark ||
			f.Type == Struct && !l.equal(l.in(f), o, o.in(g)) {
			return false
		}
	}
	return true
}

// sameTable reports whether a table of o can be taken as it is for one of l.
func (l *Layouts) sameTable(t *Table, o *Layouts, u *Table) bool {
	return t.Kind == u.Kind && t.Version == u.Version && t.Count == u.Count && l.equal(l.Of(t), o, o.Of(u))
}

// Same reports whether an instance of o can take all tables of one of l as they
// are.
func (l *Layouts) Same(o *Layouts) bool {
	return slices.EqualFunc(l.Tables, o.Tables, func(t, u Table) bool { return l.sameTable(&t, o, &u) })
}

// common returns what the messages a of l and b of o both know, as a lays it out.
func (l *Layouts) common(out *Layouts, a *Message, o *Layouts, b *Message) int {
	Rest()
	m := Message{Name: a.Name, Size: a.Size}
	for i := range a.Fields {
		f := a.Fields[i]
		g := b.field(f.Number)
		if g == nil || f.Mark == MarkRing || !carried(l, &f, o, g) {
			continue // of a ring, only what was put in is the same
		}
		if f.Type == Struct {
			f.Elem = l.common(out, l.in(&f), o, o.in(g))
		}
		m.Fields = append(m.Fields, f)
	}
	out.Messages = append(out.Messages, m)
	return len(out.Messages) - 1
}

// alike reports whether two fields lie in memory the same way, wherever it is.
func alike(l *Layouts, f *Field, o *Layouts, g *Field) bool {
	return f.Type == g.Type && f.Size == g.Size && f.Len == g.Len && (f.Type != Struct || l.equal(l.in(f), o, o.in(g)))
}

// carried reports whether what is in one of two fields of the same number gets
// into the other.
func carried(l *Layouts, f *Field, o *Layouts, g *Field) bool {
	switch {
	case f.Type != g.Type || f.Mark == MarkSum || f.Mark == MarkBytes:
		return false
	case f.Mark == MarkRing || g.Mark == MarkRing || f.Will == WillDrop || g.Will == WillDrop:
		return alike(l, f, o, g)
	}
	return true
}

// Common returns what both know of the records that both have, as l lays them
// out: what the two have to agree on.
func (l *Layouts) Common(o *Layouts) *Layouts {
	out := &Layouts{}
	for i := range l.Tables {
		t := l.Tables[i]
		if u := o.Table(t.Kind); u != nil {
			t.Message = l.common(out, l.Of(&t), o, o.Of(u))
			out.Tables = append(out.Tables, t)
		}
	}
	return out
}
