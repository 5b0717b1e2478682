package record_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/hhr/record"
	"perdure/mm/kept"
)

// The corpus is what released versions wrote: for each its layouts, its numbers,
// and some records. No file of it ever changes; -release adds those of this tree.
var release = flag.String("release", "", "add this version to the corpus")

func TestCorpus(t *testing.T) {
	ours := own(t)
	if *release != "" {
		var shown record.Shown
		for i := range ours.Tables {
			table := &ours.Tables[i]
			for n := range min(table.Count, 3) {
				shown = append(shown, record.Record{Kind: table.Kind, Index: n, State: ours.EncodeRecord(nil, ours.Of(table), fill(ours, table, n))})
			}
		}
		for name, b := range map[string][]byte{"layouts": ours.Encode(), "state": shown.Encode(), "numbers": []byte(record.Numbers)} {
			require.NoError(t, os.WriteFile(filepath.Join("testdata", *release+"."+name), b, 0o644))
		}
	}
	files, err := filepath.Glob("testdata/*.layouts")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("nothing has been released yet")
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".layouts"), func(t *testing.T) { corpus(t, ours, strings.TrimSuffix(f, ".layouts")) })
	}
}

// corpus holds this build to what one version wrote.
func corpus(t *testing.T, ours *record.Layouts, name string) {
	data := func(ext string) []byte {
		b, err := os.ReadFile(name + ext)
		require.NoError(t, err)
		return b
	}
	require.NoError(t, record.Keeps(string(data(".numbers"))), "a number never means something else")
	theirs, err := record.Decode(data(".layouts"))
	require.NoError(t, err)
	change, err := record.Compare(theirs, ours, true)
	require.NoError(t, err, "this build can follow that one")
	_, err = record.Compare(ours, theirs, true)
	require.NoError(t, err, "and that one this")
	shown, err := record.DecodeShown(data(".state"))
	require.NoError(t, err)
	require.NotEmpty(t, shown)
	common, same := theirs.Common(ours), ours.Common(theirs)
	for _, r := range shown {
		t.Log(r.Kind, r.Index, len(r.State), "bytes")
		old := decoded(t, theirs, r)
		want := common.EncodeRecord(nil, common.Of(common.Table(r.Kind)), old)
		got := same.EncodeRecord(nil, same.Of(same.Table(r.Kind)), decoded(t, ours, r))
		require.Equal(t, string(want), string(got), "%s: as decoded", r.Kind)
		for _, m := range change.Moves {
			if m.Old.Kind == r.Kind {
				converted := make([]byte, m.New.Stride)
				convert(m.There, old, converted)
				got = same.EncodeRecord(nil, same.Of(same.Table(r.Kind)), converted)
				want = common.EncodeRecord(nil, common.Of(common.Table(r.Kind)), old)
				require.Equal(t, string(want), string(got), "%s: as converted", r.Kind)
			}
		}
	}
}

func decoded(t *testing.T, l *record.Layouts, r record.Record) []byte {
	b := make([]byte, l.Table(r.Kind).Stride)
	_, err := l.DecodeRecord(r.State, l.Of(l.Table(r.Kind)), b)
	require.NoError(t, err)
	return b
}

func convert(ops []kept.Op, from, to []byte) {
	w := &kept.Way{}
	w.Add(0, ops)
	w.Table[0].FromStride, w.Table[0].ToStride = uint64(len(from)), uint64(len(to))
	w.Convert(&w.Table[0], from, to, true)
}

// TestFuture meets a version that nobody has written yet: what it may not do
// without is refused, all else is not.
func TestFuture(t *testing.T) {
	ours, future := own(t), own(t)
	vps := future.Of(future.Table(kept.KindVPs))
	vps.Fields = append(vps.Fields, record.Field{Name: "Future", Number: 5000, Type: record.Uint, Offset: vps.Size, Size: 8, Len: 1, Will: record.WillDefault, Default: 3})
	vps.Size += 8
	future.Table(kept.KindVPs).Stride += 8
	future.Tables = append(future.Tables, record.Table{Kind: 60, Name: "novelties", Stride: future.Messages[0].Size, Count: 1, Marks: kept.Drop})
	future, err := record.Decode(future.Encode())
	require.NoError(t, err)
	for _, way := range [][2]*record.Layouts{{ours, future}, {future, ours}} {
		c, err := record.Compare(way[0], way[1], false)
		require.NoError(t, err)
		require.False(t, c.Same)
		require.Len(t, c.Moves, 1)
		require.LessOrEqual(t, len(c.Moves[0].There), 3)
	}

	// What it sends, this build reads, but for what it does not know.
	b := future.EncodeRecord(nil, future.Of(future.Table(kept.KindVPs)), fill(future, future.Table(kept.KindVPs), 7))
	unknown, err := ours.DecodeRecord(b, ours.Of(ours.Table(kept.KindVPs)), make([]byte, ours.Table(kept.KindVPs).Stride))
	require.NoError(t, err)
	require.Equal(t, 1, unknown)

	vps = future.Of(future.Table(kept.KindVPs))
	vps.Fields[len(vps.Fields)-1].Will = record.WillMust
	future.Tables[len(future.Tables)-1].Marks = 0
	_, err = record.Compare(future, ours, false)
	require.ErrorContains(t, err, "virtual processors.Future: the next build does not know it")
	require.ErrorContains(t, err, "novelties: the next build does not know the table")
}
