package record

import (
	"cmp"
	"slices"

	"perdure/mm/kept"
)

// Limits of what another build may declare.
const (
	maxBytes  = 1 << 20 // of a record
	maxCount  = 1 << 16
	maxKinds  = 64
	maxFields = 512 // of a message
	maxLen    = 1 << 20
)

// sound checks that every field lies in its record and every reference leads to
// something, so that whoever goes by l touches nothing else.
func (l *Layouts) sound() error {
	for i := range l.Messages {
		Rest()
		m := &l.Messages[i]
		if m.Size > maxBytes || len(m.Fields) > maxFields {
			return unsound("%s is too large", m.Name)
		}
		for k := range m.Fields {
			if k > 0 && m.Fields[k-1].Number >= m.Fields[k].Number {
				return unsound("%s has the number %d twice or too late", m.Name, m.Fields[k].Number)
			}
			if err := l.soundField(i, &m.Fields[k]); err != nil {
				return err
			}
		}
		if m.overlaps() {
			return unsound("%s has fields that overlap", m.Name)
		}
	}
	last := kept.KindRoot
	for i := range l.Tables {
		t := &l.Tables[i]
		switch {
		case t.Kind <= last || t.Kind >= maxKinds:
			return unsound("table %d comes twice, too late, or is none", t.Kind)
		case t.Message < 0 || t.Message >= len(l.Messages) || l.Of(t).Size != t.Stride:
			return unsound("the records of table %d are not described", t.Kind)
		case t.Stride == 0 || t.Stride%8 != 0 || t.Count == 0 || t.Count > maxCount:
			return unsound("table %d cannot be", t.Kind)
		case t.Reads > t.Version:
			return unsound("table %d: it reads versions from %d on, and is %d itself", t.Kind, t.Reads, t.Version)
		}
		last = t.Kind
	}
	return nil
}

// overlaps reports whether two of m's fields have a byte in common.
func (m *Message) overlaps() bool {
	end := uint64(0)
	for _, f := range m.ordered() {
		if f.Offset < end {
			return true
		}
		end = f.Offset + f.bytes()
	}
	return false
}

// ordered returns m's fields in the order in which they lie.
func (m *Message) ordered() []*Field {
	fields := make([]*Field, len(m.Fields))
	for i := range fields {
		fields[i] = &m.Fields[i]
	}
	slices.SortFunc(fields, func(a, b *Field) int { return cmp.Compare(a.Offset, b.Offset) })
	return fields
}

// soundField checks a field of message i.
func (l *Layouts) soundField(i int, f *Field) error {
	m := &l.Messages[i]
	bad := func(why string) error { return unsound("%s.%s (%d): %s", m.Name, f.Name, f.Number, why) }
	switch {
	case f.Number == 0 || f.Number >= 1<<29 || f.Number >= 19000 && f.Number < 20000:
		return bad("no such number can be")
	case f.Size == 0 || f.Len == 0 || f.Size > m.Size || f.Len > maxLen || f.Offset > m.Size || f.bytes() > m.Size-f.Offset:
		return bad("does not lie in its struct")
	case !f.Repeated && f.Len != 1 && f.Type != Bytes:
		return bad("is more than one")
	case f.Will > WillDrop || f.Mark > MarkBytes:
		return bad("says what nobody knows")
	}
	switch f.Type {
	case Uint, Int:
		if f.Size != 1 && f.Size != 2 && f.Size != 4 && f.Size != 8 {
			return bad("no integer has that size")
		}
	case Bool, Bytes:
		if f.Size != 1 {
			return bad("is not made of bytes")
		}
	case Struct:
		if f.Elem < 0 || f.Elem >= i || l.in(f).Size != f.Size {
			return bad("its struct is not described")
		}
	default:
		return bad("no type")
	}
	switch f.Mark {
	case MarkRing:
		if p := m.field(f.Position); p == nil || p.Type != Uint || p.bytes() != 8 || p.Offset%8 != 0 || f.Unit == 0 || f.Unit > f.bytes() || f.bytes()%f.Unit != 0 || f.bytes()%8 != 0 {
			return bad("is no ring")
		}
	case MarkUse:
		if f.Type != Uint || f.bytes() != 8 || f.Offset%8 != 0 {
			return bad("is no word")
		}
	case MarkSum, MarkBytes:
		if f.Type != Uint || f.Repeated {
			return bad("is no integer")
		}
		if f.Mark == MarkSum && (f.bytes() != 8 || f.Offset != 0 || m.Size%8 != 0) {
			return bad("does not begin a struct of words")
		}
	}
	return nil
}
