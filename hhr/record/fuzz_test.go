package record_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/hhr/record"
	"perdure/mm/kept"
)

// small is a record with something of everything, small enough for many rounds.
type small struct {
	kept.Header
	State uint64 `kept:"use"`
	A     int32
	B     [3]uint16
	Count uint64
	Log   [16]byte `kept:"ring=Count"`
	Parts [2]struct{ X, Y uint8 }
	C     bool
	D     uint64    `kept:"default=5"`
	E     [2]uint64 `kept:"hint"`
}

// FuzzRecord decodes whatever comes into records: what is taken reads the same
// again.
func FuzzRecord(f *testing.F) {
	l := record.LayoutsOf[small]()
	table := &l.Tables[0]
	for seed := range uint64(3) {
		f.Add(l.EncodeRecord(nil, l.Of(table), fill(l, table, seed)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, again := make([]byte, table.Stride), make([]byte, table.Stride)
		if _, err := l.DecodeRecord(b, l.Of(table), got); err != nil {
			return
		}
		unknown, err := l.DecodeRecord(l.EncodeRecord(nil, l.Of(table), got), l.Of(table), again)
		require.NoError(t, err)
		require.Zero(t, unknown)
		require.Equal(t, got, again)
	})
}

// FuzzShown decodes whatever a candidate shows.
func FuzzShown(f *testing.F) {
	f.Add(record.Shown{{Kind: kept.KindVPs, Index: 3, Seq: 4, State: []byte{1, 2}}, {}}.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := record.DecodeShown(b)
		if err != nil {
			return
		}
		again, err := record.DecodeShown(s.Encode())
		require.NoError(t, err)
		require.Equal(t, s.Encode(), again.Encode())
	})
}

// FuzzLayouts decodes whatever a candidate declares. What is sound can be
// compared with our own, and if the two fit, making its records from ours touches
// nothing but them.
func FuzzLayouts(f *testing.F) {
	l := record.LayoutsOf[small]()
	f.Add(l.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		theirs, err := record.Decode(b)
		if err != nil {
			return
		}
		again, err := record.Decode(theirs.Encode())
		require.NoError(t, err)
		require.Equal(t, theirs.Encode(), again.Encode())
		there, err := record.Compare(l, theirs, false)
		if err != nil {
			return
		}
		for _, m := range there.Moves {
			touches(t, m.There, m.Old.Stride, m.New.Stride)
			touches(t, m.Back, m.New.Stride, m.Old.Stride)
		}
	})
}

// touches makes a record, and looks at what lies around both.
func touches(t *testing.T, ops []kept.Op, from, to uint64) {
	const fence = 64
	a, b := bytes.Repeat([]byte{0xa5}, int(from)+2*fence), bytes.Repeat([]byte{0x5a}, int(to)+2*fence)
	for i := range a[fence : fence+from] {
		a[fence+i] = byte(i)
	}
	was := bytes.Clone(a)
	convert(ops, a[fence:fence+from:fence+from], b[fence:fence+to:fence+to])
	require.Equal(t, was, a)
	for _, edge := range [][]byte{b[:fence], b[fence+to:]} {
		require.Equal(t, bytes.Repeat([]byte{0x5a}, fence), edge)
	}
	for _, o := range ops {
		if o.What != kept.OpFill {
			n := o.Bytes
			if o.What != kept.OpCopy && o.What != kept.OpHint {
				n = o.A
			}
			require.LessOrEqual(t, o.From+n, from)
		}
		require.LessOrEqual(t, o.To+o.Bytes, to)
	}
}
