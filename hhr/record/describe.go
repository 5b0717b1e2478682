package record

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"perdure/mm/kept"
)

// Describe returns the layouts of all tables that this build declares.
func Describe() (*Layouts, error) {
	return describe(kept.AllDeclared(), numbers())
}

// describer makes layouts from types.
type describer struct {
	ledger ledger
	known  map[reflect.Type]int
	out    Layouts
	errs   []error
}

func describe(tables []kept.Declared, l ledger) (*Layouts, error) {
	d := &describer{ledger: l, known: map[reflect.Type]int{}}
	for _, t := range tables {
		d.out.Tables = append(d.out.Tables, Table{
			Kind: t.Kind, Name: t.Kind.String(), Version: t.Version, Reads: t.Reads,
			Stride: uint64(t.Record.Size()), Count: t.Count, Marks: t.Marks, Message: d.message(t.Record),
		})
	}
	return &d.out, errors.Join(d.errs...)
}

// headers are the types that begin records of all kinds.
var (
	keptHeader = reflect.TypeFor[kept.Header]()
	abiHeader  = "perdure/partition/abi.Header"
)

// message returns the index of a struct's message.
func (d *describer) message(t reflect.Type) int {
	if i, ok := d.known[t]; ok {
		return i
	}
	Rest()
	m := Message{Name: nameOf(t), Size: uint64(t.Size())}
	if t.Kind() == reflect.Struct { // else it is not ours
		d.fields(&m, t, t, 0)
	}
	slices.SortFunc(m.Fields, func(a, b Field) int { return int(a.Number) - int(b.Number) })
	for i := range m.Fields {
		if f := &m.Fields[i]; f.Mark == MarkRing && (f.Position == 0 || m.field(f.Position) == nil) {
			d.errs = append(d.errs, fmt.Errorf("%s.%s: the position of its ring is no field", m.Name, f.Name))
		}
	}
	d.out.Messages = append(d.out.Messages, m)
	d.known[t] = len(d.out.Messages) - 1
	return d.known[t]
}

// fields adds t's fields to m, which is for all of whole; those of an embedded
// struct are m's own.
func (d *describer) fields(m *Message, whole, t reflect.Type, at uint64) {
	for i := range t.NumField() {
		Rest()
		s := t.Field(i)
		offset := at + uint64(s.Offset)
		switch {
		case s.Name == "_":
		case s.Anonymous && s.Type.Kind() == reflect.Struct:
			d.fields(m, whole, s.Type, offset)
		default:
			d.field(m, t, s, fieldName(whole, t, s), offset)
		}
	}
}

// fieldName returns the name of a field of t, which is whole or embedded there:
// one that whole hides has its struct's name too.
func fieldName(whole, t reflect.Type, s reflect.StructField) string {
	if f, ok := whole.FieldByName(s.Name); whole != t && (!ok || len(f.Index) == 1) {
		return t.Name() + s.Name
	}
	return s.Name
}

// field adds a field to m.
func (d *describer) field(m *Message, in reflect.Type, s reflect.StructField, name string, offset uint64) {
	f := Field{Name: name, Number: d.ledger[m.Name][name], Offset: offset, Len: 1}
	if f.Number == 0 {
		d.errs = append(d.errs, fmt.Errorf("%s.%s has no number: go generate ./hhr/record", m.Name, name))
		return
	}
	t := s.Type
	for t.Kind() == reflect.Array {
		f.Len, f.Repeated = f.Len*uint64(t.Len()), true
		t = t.Elem()
	}
	f.Size = uint64(t.Size())
	switch t.Kind() {
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr, reflect.Uint:
		f.Type = Uint
		if f.Size == 1 && f.Repeated {
			f.Type, f.Repeated = Bytes, false
		}
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Int:
		f.Type = Int
	case reflect.Bool:
		f.Type = Bool
	case reflect.Struct:
		f.Type, f.Elem = Struct, d.message(t)
	default:
		d.errs = append(d.errs, fmt.Errorf("%s.%s is a %s", m.Name, name, s.Type))
		return
	}
	if f.bytes() == 0 {
		return
	}
	if s.Name == "Sum" && in == keptHeader {
		f.Mark = MarkSum
	}
	if s.Name == "Size" && in.PkgPath()+"."+in.Name() == abiHeader {
		f.Mark = MarkBytes
	}
	if err := d.tag(m, &f, s.Tag.Get("kept")); err != nil {
		d.errs = append(d.errs, fmt.Errorf("%s.%s: %w", m.Name, name, err))
	}
	m.Fields = append(m.Fields, f)
}

// tag reads what a field's tag says, such as `kept:"drop,ring=Exits"`.
func (d *describer) tag(m *Message, f *Field, tag string) (err error) {
	for _, word := range strings.FieldsFunc(tag, func(r rune) bool { return r == ',' }) {
		what, value, _ := strings.Cut(word, "=")
		switch what {
		case "use":
			f.Mark = MarkUse
			if f.Size != 8 || f.Repeated || f.Offset%8 != 0 {
				err = errors.New("not a word of its own")
			}
		case "hint":
			f.Mark = MarkHint
		case "ring":
			f.Mark, f.Unit, f.Position = MarkRing, f.Size, d.ledger[m.Name][value]
		case "drop":
			f.Will = WillDrop
		case "default":
			f.Will = WillDefault
			f.Default, err = strconv.ParseUint(value, 0, 64)
		default:
			err = errors.New("its tag says " + word)
		}
	}
	return err
}

// nameOf returns the name of a struct's message.
func nameOf(t reflect.Type) string {
	path := strings.TrimPrefix(t.PkgPath(), "perdure/")
	if t.Name() == "" {
		return strings.ReplaceAll(path, "/", ".") + "." + t.String()
	}
	return strings.ReplaceAll(path, "/", ".") + "." + t.Name()
}
