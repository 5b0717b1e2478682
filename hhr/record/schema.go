package record

import (
	"fmt"
	"strings"
	"unicode"
)

// Schema returns docs/state.proto: the records of this build, in the language of
// protobuf.
func Schema() (string, error) {
	l, err := Describe()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(schemaHead)
	for i := range l.Tables {
		t := &l.Tables[i]
		fmt.Fprintf(&b, "  repeated %s %s = %d;%s\n", typeName(l.Of(t).Name), snake(t.Name), t.Kind, t.remark())
	}
	b.WriteString("}\n")
	for i := range l.Messages {
		l.schema(&b, &l.Messages[i], numbers())
	}
	return b.String(), nil
}

const schemaHead = `// Kept records as another build of the hypervisor gets them. go generate
// ./hhr/record writes this file; the numbers are those of hhr/record/numbers.txt,
// and none is ever used for anything else.
//
// A field that says nothing must be known to both builds. "default": a build that
// does not know it goes on as if it had that value. "may be dropped": it is lost.
// What is 0 is left out, and a row ends with the last thing in it that is not 0.
syntax = "proto3";
package perdure.state;

// Layouts are what a build says of its tables.
message Layouts {
  repeated Message message = 1;
  repeated Table table = 2;

  message Message {
    string name = 1;
    uint64 size = 2;
    repeated Field field = 3;
  }
  message Field {
    string name = 1;
    Type type = 3;
    uint64 elem = 4; // of STRUCT: index of its message
    Will will = 5;
    Mark mark = 6;
    bool repeated = 7;
    uint64 number = 10;
    uint64 offset = 11;
    uint64 size = 12; // of one element
    uint64 len = 13; // elements
    uint64 default = 14; // of DEFAULT
    uint64 position = 15; // of RING: number of the field that counts what was put in
    uint64 unit = 16; // bytes that it counts by
  }
  message Table {
    string name = 2;
    uint64 kind = 3;
    uint64 marks = 4; // 1: the processor's, not ours; 2: may be dropped
    uint64 message = 5; // index
    uint64 version = 10;
    uint64 reads = 11; // oldest version that can be taken over
    uint64 stride = 12;
    uint64 count = 13;
  }
  enum Type { NONE = 0; UINT = 1; INT = 2; BOOL = 3; BYTES = 4; STRUCT = 5; }
  enum Will { MUST = 0; DEFAULT = 1; DROP = 2; }
  enum Mark { PLAIN = 0; USE = 1; HINT = 2; RING = 3; SUM = 4; SIZE = 5; }
}

// Shown is what a candidate shows of the records that it has found.
message Shown {
  repeated Record record = 1;

  message Record {
    uint64 kind = 1;
    uint64 index = 2;
    uint64 seq = 3;
    bytes state = 4; // what both builds know of it
  }
}

// State is all tables.
message State {
`

// schema writes one message.
func (l *Layouts) schema(b *strings.Builder, m *Message, led ledger) {
	fmt.Fprintf(b, "\nmessage %s { // %d bytes\n", typeName(m.Name), m.Size)
	for _, name := range led.names(m.Name) {
		if f := m.field(led[m.Name][name]); f == nil {
			fmt.Fprintf(b, "  reserved %d; // %s\n", led[m.Name][name], name)
		}
	}
	for i := range m.Fields {
		f := &m.Fields[i]
		repeated := ""
		if f.Repeated {
			repeated = "repeated "
		}
		fmt.Fprintf(b, "  %s%s %s = %d;%s\n", repeated, l.typeOf(f), snake(f.Name), f.Number, f.remark(m))
	}
	b.WriteString("}\n")
}

// typeOf returns what protobuf calls a field's type.
func (l *Layouts) typeOf(f *Field) string {
	bits := "32"
	if f.Size == 8 {
		bits = "64"
	}
	switch f.Type {
	case Struct:
		return typeName(l.in(f).Name)
	case Bytes:
		return "bytes"
	case Bool:
		return "bool"
	case Int:
		return "sint" + bits
	}
	return "uint" + bits
}

// remark says what else is known of a field.
func (f *Field) remark(m *Message) string {
	var words []string
	switch f.Will {
	case WillDefault:
		words = append(words, fmt.Sprintf("default %d", f.Default))
	case WillDrop:
		words = append(words, "may be dropped")
	}
	switch f.Mark {
	case MarkUse:
		words = append(words, "0: the record holds nothing")
	case MarkHint:
		words = append(words, "may be behind")
	case MarkRing:
		words = append(words, "a ring; "+snake(m.field(f.Position).Name)+" counts what was put in")
	case MarkSum:
		words = append(words, "of the layout in memory, never sent")
	case MarkBytes:
		words = append(words, "of the struct in memory, never sent")
	}
	if words == nil {
		return ""
	}
	return " // " + strings.Join(words, "; ")
}

// remark says what else is known of a table.
func (t *Table) remark() string {
	s := fmt.Sprintf(" // %d of them, version %d", t.Count, t.Version)
	if t.Marks&1 != 0 {
		s += ", stays in its place"
	}
	if t.Marks&2 != 0 {
		s += ", may be dropped"
	}
	return s
}

// typeName makes a name of protobuf's from one such as partition.virtio.Device.
func typeName(name string) (s string) {
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		s += strings.ToUpper(part[:1]) + part[1:]
	}
	return s
}

// snake makes first_vp of FirstVP.
func snake(name string) string {
	var b strings.Builder
	rs := []rune(strings.ReplaceAll(name, " ", "_"))
	lower := func(i int) bool {
		return i < len(rs) && unicode.IsLower(rs[i]) && !(rs[i] == 's' && !(i+1 < len(rs) && unicode.IsLower(rs[i+1])))
	}
	for i, r := range rs {
		if unicode.IsUpper(r) && i > 0 && rs[i-1] != '_' && (!unicode.IsUpper(rs[i-1]) || lower(i+1)) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
