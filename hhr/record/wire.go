package record

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"perdure/mm/kept"
)

// Layouts travel as protobuf: docs/state.proto has the messages. A field whose
// value is 0 is left out.

// writer appends the fields of a message.
type writer []byte

func (w *writer) number(n protowire.Number, v uint64) {
	if v != 0 {
		*w = protowire.AppendVarint(protowire.AppendTag(*w, n, protowire.VarintType), v)
	}
}

func (w *writer) bytes(n protowire.Number, b []byte) {
	*w = protowire.AppendBytes(protowire.AppendTag(*w, n, protowire.BytesType), b)
}

// Encode returns l in protobuf.
func (l *Layouts) Encode() []byte {
	var all writer
	for i := range l.Messages {
		all.bytes(1, l.Messages[i].encode())
	}
	for i := range l.Tables {
		t, w := &l.Tables[i], writer{}
		w.bytes(2, []byte(t.Name))
		for n, v := range t.numbers() {
			w.number(n, *v)
		}
		w.number(3, uint64(t.Kind))
		w.number(4, uint64(t.Marks))
		w.number(5, uint64(t.Message))
		all.bytes(2, w)
	}
	return all
}

func (m *Message) encode() []byte {
	w := writer{}
	w.bytes(1, []byte(m.Name))
	w.number(2, m.Size)
	for i := range m.Fields {
		Rest()
		f, b := &m.Fields[i], writer{}
		b.bytes(1, []byte(f.Name))
		for n, v := range f.numbers() {
			b.number(n, *v)
		}
		b.number(3, uint64(f.Type))
		b.number(4, uint64(f.Elem))
		b.number(5, uint64(f.Will))
		b.number(6, uint64(f.Mark))
		if f.Repeated {
			b.number(7, 1)
		}
		w.bytes(3, b)
	}
	return w
}

// numbers leads through those of t's words that are plain numbers.
func (t *Table) numbers() func(yield func(protowire.Number, *uint64) bool) {
	return each(10, &t.Version, &t.Reads, &t.Stride, &t.Count)
}

// numbers leads through those of f's words that are plain numbers.
func (f *Field) numbers() func(yield func(protowire.Number, *uint64) bool) {
	return each(10, &f.Number, &f.Offset, &f.Size, &f.Len, &f.Default, &f.Position, &f.Unit)
}

func each(first protowire.Number, words ...*uint64) func(yield func(protowire.Number, *uint64) bool) {
	return func(yield func(protowire.Number, *uint64) bool) {
		for i, w := range words {
			if !yield(first+protowire.Number(i), w) {
				return
			}
		}
	}
}

// ErrWire is a message that cannot be read.
var ErrWire = errors.New("not in the format of docs/state.proto")

// read calls f for each field of a message: v for a number, b for bytes.
func read(b []byte, f func(n protowire.Number, v uint64, b []byte) error) error {
	for len(b) > 0 {
		Rest()
		n, typ, size := protowire.ConsumeTag(b)
		if size < 0 {
			return ErrWire
		}
		b = b[size:]
		var v uint64
		var inner []byte
		switch typ {
		case protowire.VarintType:
			v, size = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			inner, size = protowire.ConsumeBytes(b)
			if inner == nil {
				inner = []byte{}
			}
		default:
			return ErrWire
		}
		if size < 0 {
			return ErrWire
		}
		b = b[size:]
		if err := f(n, v, inner); err != nil {
			return err
		}
	}
	return nil
}

// Decode reads layouts and holds them to what layouts may be.
func Decode(b []byte) (*Layouts, error) {
	l := &Layouts{}
	err := read(b, func(n protowire.Number, _ uint64, b []byte) error {
		switch {
		case n == 1 && b != nil:
			l.Messages = append(l.Messages, Message{})
			return l.Messages[len(l.Messages)-1].decode(b)
		case n == 2 && b != nil:
			l.Tables = append(l.Tables, Table{})
			return l.Tables[len(l.Tables)-1].decode(b)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return l, l.sound()
}

func (t *Table) decode(b []byte) error {
	return read(b, func(n protowire.Number, v uint64, b []byte) error {
		switch {
		case n == 2:
			t.Name = string(b)
		case n == 3:
			t.Kind = kept.Kind(v)
		case n == 4:
			t.Marks = kept.Mark(v)
		case n == 5:
			t.Message = int(v)
		default:
			for k, w := range t.numbers() {
				if k == n {
					*w = v
				}
			}
		}
		return nil
	})
}

func (m *Message) decode(b []byte) error {
	return read(b, func(n protowire.Number, v uint64, b []byte) error {
		switch {
		case n == 1:
			m.Name = string(b)
		case n == 2:
			m.Size = v
		case n == 3 && b != nil:
			m.Fields = append(m.Fields, Field{})
			return m.Fields[len(m.Fields)-1].decode(b)
		}
		return nil
	})
}

func (f *Field) decode(b []byte) error {
	return read(b, func(n protowire.Number, v uint64, b []byte) error {
		switch n {
		case 1:
			f.Name = string(b)
		case 3:
			f.Type = Type(v)
		case 4:
			f.Elem = int(v)
		case 5:
			f.Will = Will(v)
		case 6:
			f.Mark = Mark(v)
		case 7:
			f.Repeated = v == 1
		default:
			for k, w := range f.numbers() {
				if k == n {
					*w = v
				}
			}
		}
		return nil
	})
}

// unsound says what is wrong with layouts.
func unsound(format string, a ...any) error { return fmt.Errorf("layouts: "+format, a...) }
