package system

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"perdure/test/campaign/fault"
)

// recovering returns a small root with two guests, on which faults can be made.
func recovering(t *testing.T, words string, most int) fault.Machine {
	build := filepath.Dir(image)
	return fault.Machine{
		Image: strings.TrimSuffix(image, ".img") + "-inject.img", Kernel: filepath.Join(build, "guest", "recover.elf"),
		Options: "standby=off", Words: words, CPUs: 2, Dir: t.TempDir(), Patience: 3500 * time.Millisecond, Most: most,
	}
}

// becomes makes faults on one, at most so many on one copy of it, and returns what became
// of them by kind.
func becomes(t *testing.T, tuples []fault.Tuple, most int) map[string]fault.Tally {
	t.Helper()
	slots <- struct{}{}
	defer func() { <-slots }()
	m := recovering(t, "new=16 rest=100000", most)
	by := map[string]fault.Tally{}
	said := func(r fault.Result) {
		kind, _, _ := strings.Cut(r.Tuple, "/")
		if by[kind] == nil {
			by[kind] = fault.Tally{}
		}
		by[kind][r.Class]++
		if r.Class == fault.Failed || r.Class == fault.Silent || r.Class == fault.OneLost {
			t.Logf("%s: %s (%s) %s", r.Tuple, r.Class, r.How, r.Notes)
		}
	}
	require.NoError(t, m.All(context.Background(), tuples, said, func(int, error) {}))
	return by
}

// Faults of each kind, by chance but the same ones each time: no kind is overcome less
// often than testdata says, as far as a hundred can tell, none is unseen more often, and
// none of those that hardly ever show does harm more often.
func TestRecoverFromChance(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/rates.json")
	require.NoError(t, err)
	var kept map[string]struct {
		Count                 int
		Success, Unseen, Harm float64 // percent; no harm: not looked at
	}
	require.NoError(t, json.Unmarshal(text, &kept))
	var tuples []fault.Tuple
	for kind, k := range kept {
		tuples = append(tuples, fault.Draw(kind, 1, 0, k.Count)...)
	}
	slices.SortFunc(tuples, func(a, b fault.Tuple) int {
		return cmp.Or(cmp.Compare(a.Lasts(), b.Lasts()), cmp.Compare(a.Number, b.Number), strings.Compare(a.Kind, b.Kind))
	})
	by := becomes(t, tuples, 100)
	for kind, want := range kept {
		tally := by[kind]
		t.Logf("%s: %v, success %v, unseen %v, harm %v", kind, tally, tally.Success(), tally.Unseen(), tally.Harm())
		if _, high := tally.Success().Wilson(); tally.Noticed() > 0 && high < want.Success {
			t.Errorf("%s: %v are overcome, testdata has %.1f", kind, tally.Success(), want.Success)
		}
		if low, _ := tally.Unseen().Wilson(); tally.Manifested() > 0 && low > want.Unseen {
			t.Errorf("%s: %v are unseen, testdata has %.1f", kind, tally.Unseen(), want.Unseen)
		}
		if low, _ := tally.Harm().Wilson(); want.Harm > 0 && low > want.Harm {
			t.Errorf("%s: %v do harm, testdata has %.1f", kind, tally.Harm(), want.Harm)
		}
		if tally.Made() == 0 {
			t.Errorf("%s: no fault was made", kind)
		}
	}
}

// What once cost too much is made again, each alone on a machine that has just booted.
func TestRecoverFromWhatWasTooMuch(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/faults.txt")
	require.NoError(t, err)
	var tuples []fault.Tuple
	for _, name := range strings.Fields(string(text)) {
		tuple, err := fault.Parse(name)
		require.NoError(t, err)
		tuples = append(tuples, tuple)
	}
	for kind, tally := range becomes(t, tuples, 1) {
		if tally[fault.Failed] > 0 {
			t.Errorf("%s: %v", kind, tally)
		}
	}
}
