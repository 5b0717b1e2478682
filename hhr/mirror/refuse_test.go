//go:build !metal

package mirror

import (
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/hhr/record"
	"perdure/mm/kept"
	"perdure/partition"
)

func TestRefused(t *testing.T) {
	machine(t)
	used := kept.Used()
	t.Run("nonsense", func(t *testing.T) {
		_, err := Offer([]byte{1, 2, 3}, false)
		require.Error(t, err)
	})
	t.Run("unknown must", func(t *testing.T) {
		l := later(t)
		m := l.Of(l.Table(kept.KindVPs))
		m.Fields[len(m.Fields)-1].Will = record.WillMust
		_, err := Offer(l.Encode(), false)
		require.ErrorContains(t, err, "More: the running build does not have it")
	})
	t.Run("known to us alone", func(t *testing.T) {
		l := later(t)
		m := l.Of(l.Table(kept.KindVPs))
		for i := range m.Fields {
			if m.Fields[i].Name == "XCR0" {
				m.Fields = append(m.Fields[:i], m.Fields[i+1:]...)
				break
			}
		}
		_, err := Offer(l.Encode(), false)
		require.ErrorContains(t, err, "XCR0: the next build does not know it")
	})
	require.Equal(t, used, kept.Used())
	t.Run("nothing to show", func(t *testing.T) {
		_, err := Check(nil)
		require.ErrorIs(t, err, errNothing)
	})
	for name, c := range map[string]struct {
		want string
		lie  func(*record.Record)
	}{
		"another value": {"something else in virtual processors", func(r *record.Record) { r.State = r.State[:0] }},
		"no record":     {"cannot be read", func(r *record.Record) { r.State = []byte{0xff} }},
	} {
		t.Run(name, func(t *testing.T) {
			l := later(t)
			_, err := Offer(l.Encode(), false)
			require.NoError(t, err)
			_, err = Check(record.Shown{lied(t, l, c.lie)}.Encode())
			require.ErrorContains(t, err, c.want)
			require.NoError(t, Drop())
			require.Equal(t, used, kept.Used())
		})
	}
}

// lied returns what a candidate shows that finds something else.
func lied(t *testing.T, l *record.Layouts, lie func(*record.Record)) (r record.Record) {
	asCandidate(t, func() {
		theirs, err := record.Decode(kept.Changing().Layouts[kept.Own()^1].Load())
		require.NoError(t, err)
		var ok bool
		r, ok = look(kept.Changing(), &kept.Changing().Entry[1], l.Common(theirs))
		require.True(t, ok)
	})
	lie(&r)
	return r
}

// TestShownIsFresh: what was changed since it was read does not count.
func TestShownIsFresh(t *testing.T) {
	machine(t)
	l := later(t)
	_, err := Offer(l.Encode(), false)
	require.NoError(t, err)
	r := lied(t, l, func(*record.Record) {})
	partition.Lookup(0).VP(1).Calls++
	_, err = Step()
	require.NoError(t, err)
	left, err := Check(record.Shown{r}.Encode())
	require.NoError(t, err)
	require.Equal(t, partition.MaxVPs, left)
	left, err = Check(record.Shown{lied(t, l, func(*record.Record) {})}.Encode())
	require.NoError(t, err)
	require.Equal(t, partition.MaxVPs-1, left)
}
