// Package record says what kept records look like, to another build.
//
// The one idea: a layout is data. A build describes its records by looking at
// their types, in numbers that never change their meaning; from two such
// descriptions follows whether one build can take over from the other, which
// moves make the records of one from those of the other, and what both have to
// agree on. Nobody writes a conversion by hand.
package record

import "perdure/mm/kept"

// Rest is called again and again by what computes for long: others may run then.
var Rest = func() {}

// Layouts are what a build says of its tables. A message that a field consists
// of comes before those that have such a field.
type Layouts struct {
	Messages []Message
	Tables   []Table
}

// Table is a table of records.
type Table struct {
	Kind    kept.Kind
	Name    string
	Version uint64
	Reads   uint64 // oldest version that can be taken over
	Stride  uint64
	Count   uint64
	Marks   kept.Mark
	Message int // index
}

// Message is the layout of a struct. Its fields have ascending numbers.
type Message struct {
	Name   string
	Size   uint64
	Fields []Field
}

// Field is a field of a struct.
type Field struct {
	Name     string
	Number   uint64
	Type     Type
	Offset   uint64
	Size     uint64 // of one element
	Len      uint64 // elements
	Repeated bool   // an array
	Elem     int    // of Struct: index of its message
	Will     Will
	Default  uint64 // of WillDefault
	Mark     Mark
	Position uint64 // of MarkRing: number of the field that counts what was put in
	Unit     uint64 // bytes that it counts by
}

// Type is what a field consists of.
type Type uint64

// Types.
const (
	Uint Type = iota + 1
	Int
	Bool
	Bytes
	Struct
)

// Will is what becomes of a field that one of two builds does not know.
type Will uint64

// Wills. A field has the first one unless its tag says another.
const (
	WillMust    Will = iota // then the one does not follow the other
	WillDefault             // then it had its default value, or it may not be lost; where it is new, it gets it
	WillDrop                // then it is lost, and 0 where it is new
)

// Mark is what else is known of a field.
type Mark uint64

// Marks.
const (
	MarkNone  Mark = iota
	MarkUse        // 0 while the record holds nothing
	MarkHint       // may be behind
	MarkRing       // the last things of a row that goes on
	MarkSum        // the checksum of the struct, of all that follows it
	MarkBytes      // the size of the struct
)

// bytes returns how many bytes the field takes.
func (f *Field) bytes() uint64 { return f.Size * f.Len }

// field returns the field of a number, nil if there is none.
func (m *Message) field(number uint64) *Field {
	for i := range m.Fields {
		if m.Fields[i].Number == number {
			return &m.Fields[i]
		}
	}
	return nil
}

// Table returns the table of a kind, nil if there is none.
func (l *Layouts) Table(k kept.Kind) *Table {
	for i := range l.Tables {
		if l.Tables[i].Kind == k {
			return &l.Tables[i]
		}
	}
	return nil
}

// in returns the message that a field of l's consists of.
func (l *Layouts) in(f *Field) *Message { return &l.Messages[f.Elem] }

// Of returns the message of a table's records.
func (l *Layouts) Of(t *Table) *Message { return &l.Messages[t.Message] }
