package record

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/mm/kept"
)

// Two builds' layouts of one record.
type (
	oldPart struct {
		X, Y uint32
		Z    int16
	}
	newPart struct {
		Z int32
		Y uint32
		X uint32
		W uint8 `kept:"default=9"`
	}
	oldBoot struct {
		kept.Header
		A uint64
	}
	newBoot struct {
		kept.Header
		A, B uint64 `kept:"drop"`
	}
	oldRecord struct {
		State uint64 `kept:"use"`
		A, B  uint64
		Small [3]uint16
		Count uint64
		Log   [64]byte `kept:"ring=Count"`
		Parts [3]oldPart
		Seen  [4]uint64 `kept:"hint"`
		Gone  uint64    `kept:"drop"`
		Boot  oldBoot
		Name  [16]byte
		Tail  uint64
	}
	newRecord struct {
		Boot  newBoot
		State uint64 `kept:"use"`
		B     uint64
		Fresh uint64 `kept:"default=0x123"`
		Extra uint64 `kept:"drop"`
		A     uint64
		Name  [24]byte
		Tail  uint64
		Small [5]uint32
		Count uint64
		Log   [64]byte  `kept:"ring=Count"`
		Seen  [4]uint64 `kept:"hint"`
		Parts [4]newPart
	}
)

// layoutsOf describes a table of count records of type T, as message "r".
func layoutsOf[T any](t testing.TB, count uint64) *Layouts {
	l := ledger{}
	seen := map[reflect.Type]bool{}
	for _, both := range []reflect.Type{reflect.TypeFor[oldRecord](), reflect.TypeFor[newRecord](), reflect.TypeFor[T]()} {
		l.number(both, both, nameOf(both), seen)
	}
	// The two builds call their types the same: give the new ones the old ones' numbers.
	for _, pair := range [][2]string{{"oldRecord", "newRecord"}, {"oldPart", "newPart"}, {"oldBoot", "newBoot"}} {
		a, b := l["hhr.record."+pair[0]], l["hhr.record."+pair[1]]
		for name := range b {
			delete(b, name)
		}
		for name, n := range a {
			b[name] = n
		}
	}
	for _, both := range []reflect.Type{reflect.TypeFor[newRecord](), reflect.TypeFor[newPart](), reflect.TypeFor[newBoot]()} {
		l.number(both, both, nameOf(both), map[reflect.Type]bool{})
	}
	out, err := describe([]kept.Declared{{Kind: kept.KindVPs, Record: reflect.TypeFor[T](), Count: count, Version: 1, Reads: 1}}, l)
	require.NoError(t, err)
	out, err = Decode(out.Encode())
	require.NoError(t, err)
	return out
}

// apply makes a record of type B from one of type A.
func apply(ops []kept.Op, from, to []byte, everything bool) {
	w := &kept.Way{}
	w.Add(0, ops)
	w.Table[0].FromStride, w.Table[0].ToStride = uint64(len(from)), uint64(len(to))
	w.Convert(&w.Table[0], from, to, everything)
}

func TestPlan(t *testing.T) {
	from, to := layoutsOf[oldRecord](t, 2), layoutsOf[newRecord](t, 2)
	c, err := Compare(from, to, false)
	require.NoError(t, err)
	require.False(t, c.Same)
	require.Len(t, c.Moves, 1)
	for _, o := range c.Moves[0].There {
		t.Logf("%+v", o)
	}
	r := oldRecord{
		State: 1, A: 2, B: 3, Small: [3]uint16{4, 0xffff, 6}, Gone: 8, Name: [16]byte{'n', 'a', 'm', 'e'}, Tail: 10,
		Parts: [3]oldPart{{1, 2, -3}, {4, 5, 6}, {}}, Boot: oldBoot{A: 11}, Seen: [4]uint64{1, 2, 3, 4},
	}
	kept.Seal(&r.Boot, kept.KindHost)
	for ; r.Count < 100; r.Count++ {
		r.Log[r.Count%64] = byte(r.Count)
	}
	var n newRecord
	apply(c.Moves[0].There, bytesOf(&r), bytesOf(&n), true)
	require.True(t, kept.Sealed(&n.Boot, kept.KindHost))
	require.Equal(t, newRecord{
		Boot: n.Boot, State: 1, B: 3, Fresh: 0x123, A: 2, Name: [24]byte{'n', 'a', 'm', 'e'}, Tail: 10, Small: [5]uint32{4, 0xffff, 6}, Count: 100,
		Log: r.Log, Seen: r.Seen, Parts: [4]newPart{{-3, 2, 1, 9}, {6, 5, 4, 9}, {W: 9}, {}},
	}, n)
	require.Equal(t, uint64(11), n.Boot.A)

	// What both know is the same in both.
	both, same := from.Common(to), to.Common(from)
	require.Equal(t, both.EncodeRecord(nil, both.Of(&both.Tables[0]), bytesOf(&r)), same.EncodeRecord(nil, same.Of(&same.Tables[0]), bytesOf(&n)))

	// And back, after changes.
	n.A, n.Parts[1].Z, n.Parts[0].Y, n.State, n.Seen[0] = 20, -21, 22, 23, 24
	n.Log[n.Count%64] = 77
	n.Count++
	back := r
	apply(c.Moves[0].Back, bytesOf(&n), bytesOf(&back), false)
	want := r
	want.A, want.Parts[1].Z, want.Parts[0].Y, want.State, want.Count = 20, -21, 22, 23, 101
	want.Log[100%64] = 77
	require.True(t, kept.Sealed(&back.Boot, kept.KindHost))
	want.Boot = back.Boot
	require.Equal(t, want, back, "but for hints, and what the new one does not have")
}

func TestSameLayoutsNeedNothing(t *testing.T) {
	from, to := layoutsOf[oldRecord](t, 2), layoutsOf[oldRecord](t, 2)
	require.True(t, from.Same(to))
	require.Equal(t, from.Layout(&from.Tables[0]), to.Layout(&to.Tables[0]))
	require.NotEqual(t, from.Layout(&from.Tables[0]), layoutsOf[newRecord](t, 2).Layout(&layoutsOf[newRecord](t, 2).Tables[0]))
	c, err := Compare(from, to, false)
	require.NoError(t, err)
	require.True(t, c.Same)
	require.Empty(t, c.Moves)
	require.True(t, c.Tables[0].Share)

	c, err = Compare(from, to, true)
	require.NoError(t, err)
	require.False(t, c.Same)
	require.Len(t, c.Moves, 1)
	require.Less(t, len(c.Moves[0].There), 8, "runs of fields are one copy")
	var a, b oldRecord
	random(bytesOf(&a))
	a.Count = 40
	apply(c.Moves[0].There, bytesOf(&a), bytesOf(&b), true)
	b.Log = a.Log // but for the 24 bytes that nothing was put into
	require.Equal(t, a, b)
}

// TestUnfit has one difference after the other that two builds may not have.
func TestUnfit(t *testing.T) {
	for _, c := range []struct {
		name, want string
		change     func(from, to *Layouts)
	}{
		{"unknown field", "r.A: the next build does not know it, and it must be known", func(from, to *Layouts) { remove(to, "A") }},
		{"missing field", "r.Tail: the running build does not have it, and it must be known", func(from, to *Layouts) { remove(from, "Tail") }},
		{"another type", "r.B: it is something else in the other build", func(from, to *Layouts) { to.Messages[2].field(numberOf(to, "B")).Type = Int }},
		{"unknown table", "the next build does not know the table", func(from, to *Layouts) { to.Tables = nil }},
		{"fewer", "has room for fewer", func(from, to *Layouts) { to.Tables[0].Count = 1 }},
		{"too new", "reads from 3 on", func(from, to *Layouts) { to.Tables[0].Version, to.Tables[0].Reads = 3, 3 }},
		{"too old", "writes from 2 on", func(from, to *Layouts) { from.Tables[0].Version, from.Tables[0].Reads = 2, 2 }},
		{"opaque", "the next build wants it otherwise", func(from, to *Layouts) { from.Tables[0].Marks = kept.Opaque }},
	} {
		from, to := layoutsOf[oldRecord](t, 2), layoutsOf[newRecord](t, 2)
		from.Tables[0].Name = "r"
		c.change(from, to)
		_, err := Compare(from, to, false)
		require.ErrorContains(t, err, c.want, c.name)
	}
}

func numberOf(l *Layouts, name string) uint64 {
	for _, f := range l.Messages[l.Tables[0].Message].Fields {
		if f.Name == name {
			return f.Number
		}
	}
	return 0
}

func remove(l *Layouts, name string) {
	m := &l.Messages[l.Tables[0].Message]
	for i := range m.Fields {
		if m.Fields[i].Name == name {
			m.Fields = append(m.Fields[:i], m.Fields[i+1:]...)
			return
		}
	}
}

func random(b []byte) {
	r := rand.New(rand.NewPCG(1, uint64(len(b))))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
}

// TestLost: a field that the other build does not know may go while it says
// nothing.
func TestLost(t *testing.T) {
	from, to := layoutsOf[newRecord](t, 2), layoutsOf[oldRecord](t, 2)
	n := newRecord{Fresh: 0x123, Extra: 5}
	for i := range n.Parts {
		n.Parts[i].W = 9
	}
	lost := func() []string { return from.Lost(&from.Tables[0], to, &to.Tables[0], bytesOf(&n)) }
	require.Empty(t, lost())
	n.Fresh, n.Parts[1].W = 7, 8
	require.ElementsMatch(t, []string{"virtual processors.Fresh", "virtual processors.Parts.W"}, lost())
}
