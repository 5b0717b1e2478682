package record_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/bufbuild/protocompile"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"perdure/hhr/record"
	_ "perdure/partition" // has the tables
)

// own returns this build's layouts, as another build gets them.
func own(t testing.TB) *record.Layouts {
	t.Helper()
	l, err := record.Describe()
	require.NoError(t, err)
	again, err := record.Decode(l.Encode())
	require.NoError(t, err)
	require.Equal(t, l, again)
	return again
}

// TestUpToDate holds the numbers and the schema to what the build has.
func TestUpToDate(t *testing.T) {
	numbers, err := record.Numbered()
	require.NoError(t, err)
	require.Equal(t, record.Numbers, numbers, "go generate ./hhr/record")
	if record.Variant != "" {
		return // the schema is that of the build without tags
	}
	schema, err := record.Schema()
	require.NoError(t, err)
	is, err := os.ReadFile("../../docs/state.proto")
	require.NoError(t, err)
	require.Equal(t, string(is), schema, "go generate ./hhr/record")
}

// compiled returns a message of the schema.
func compiled(t testing.TB, name string) protoreflect.MessageDescriptor {
	t.Helper()
	c := protocompile.Compiler{Resolver: &protocompile.SourceResolver{ImportPaths: []string{"../../docs"}}}
	files, err := c.Compile(t.Context(), "state.proto")
	require.NoError(t, err)
	d := files[0].FindDescriptorByName("perdure.state." + protoreflect.FullName(name))
	require.NotNil(t, d, name)
	return d.(protoreflect.MessageDescriptor)
}

// TestSchemaTells reads what we write with somebody else's protobuf: every field
// has its number and its type in the schema, and it writes the same again.
func TestSchemaTells(t *testing.T) {
	if record.Variant != "" {
		t.Skip("the schema is that of the build without tags")
	}
	l := own(t)
	state := compiled(t, "State")
	for i := range l.Tables {
		table := &l.Tables[i]
		d := state.Fields().ByNumber(protoreflect.FieldNumber(table.Kind)).Message()
		for round := range 4 {
			b := l.EncodeRecord(nil, l.Of(table), fill(l, table, uint64(round)))
			m := dynamicpb.NewMessage(d)
			require.NoError(t, proto.Unmarshal(b, m), table.Name)
			known(t, m)
			again, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
			require.NoError(t, err)
			require.Equal(t, string(b), string(again), table.Name)
		}
	}
	m := dynamicpb.NewMessage(compiled(t, "Layouts"))
	require.NoError(t, proto.Unmarshal(l.Encode(), m))
	known(t, m)
}

// known fails if m has fields that the schema has not.
func known(t *testing.T, m protoreflect.Message) {
	t.Helper()
	require.Empty(t, m.GetUnknown(), m.Descriptor().FullName())
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Message() == nil:
		case f.IsList():
			for i := range v.List().Len() {
				known(t, v.List().Get(i).Message())
			}
		default:
			known(t, v.Message())
		}
		return true
	})
}

// fill returns a record of a table with something in most fields.
func fill(l *record.Layouts, table *record.Table, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, uint64(table.Kind)))
	b := make([]byte, table.Stride)
	fillMessage(l, l.Of(table), b, r)
	return b
}

func fillMessage(l *record.Layouts, m *record.Message, b []byte, r *rand.Rand) {
	for i := range m.Fields {
		f := &m.Fields[i]
		for k := range f.Len {
			at := b[f.Offset+k*f.Size:][:f.Size]
			switch {
			case f.Mark == record.MarkSum || f.Mark == record.MarkBytes || r.IntN(4) == 0:
			case f.Type == record.Struct:
				fillMessage(l, &l.Messages[f.Elem], at, r)
			case f.Type == record.Bool:
				at[0] = 1
			default:
				for j := range at[:1+r.IntN(len(at))] {
					at[j] = byte(r.Uint32())
				}
			}
		}
	}
}

// TestRoundTrip decodes what was encoded, for every table.
func TestRoundTrip(t *testing.T) {
	l := own(t)
	for i := range l.Tables {
		table := &l.Tables[i]
		for seed := range uint64(20) {
			want := fill(l, table, seed)
			b := l.EncodeRecord(nil, l.Of(table), want)
			got := make([]byte, table.Stride)
			unknown, err := l.DecodeRecord(b, l.Of(table), got)
			require.NoError(t, err)
			require.Zero(t, unknown)
			require.Equal(t, want, got, table.Name)
			require.Equal(t, record.Digest(b), record.Digest(l.EncodeRecord(nil, l.Of(table), got)))
		}
	}
	require.Empty(t, l.EncodeRecord(nil, l.Of(&l.Tables[0]), make([]byte, l.Tables[0].Stride)), "zeros take nothing")
}

// TestLayoutsOfThisBuild: it can follow itself, with and without copying.
func TestLayoutsOfThisBuild(t *testing.T) {
	l := own(t)
	c, err := record.Compare(l, own(t), false)
	require.NoError(t, err)
	require.True(t, c.Same)
	c, err = record.Compare(l, own(t), true)
	require.NoError(t, err)
	require.False(t, c.Same)
	for _, m := range c.Moves {
		t.Logf("%s: %d operations", m.Old.Name, len(m.There))
		require.Less(t, len(m.There), 32, m.Old.Name)
	}
}
