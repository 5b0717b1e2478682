package system

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/test/campaign/fault"
)

// A thin sweep: how many instructions at its beginning are all made, every which of
// the others is, and more than there are.
type thin struct{ each, every, most uint64 }

// thinned are those of which not every instruction is made here. All are the campaign's.
var thinned = map[string]thin{
	"by-stop":  {300, 29, 6000}, // it has changed what it is to change, and says so in the log
	"by-begin": {0, 499, 45000},
	"by-piece": {0, 61, 6000}, "by-cpus": {0, 127, 6000}, "by-button": {0, 17, 6000}, "by-memory": {0, 61, 6000}, "by-entry": {0, 7, 6000},
	"by-dump": {0, 17, 6000}, "by-type": {0, 61, 6000}, "by-ring": {0, 61, 6000}, "by-console": {0, 61, 6000}, "by-check": {0, 61, 6000},
}

// A failstop at the instructions of the answers to the ten exits that are most frequent,
// and of the calls that change guests or the hypervisor itself, from the first change that
// they make to their end: each is overcome, the exit has its right answer, and the call has
// done what it was to do.
func TestSweep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		copy int // faults on a copy, at most: each finds out anew where loops are
		ways []string
	}{
		{"exits", 1000, []string{"by-cpuid", "by-rdmsr", "by-tpr", "by-eoi", "by-deadline", "by-out", "by-store", "by-vmcall", "by-cr0", "by-hlt", "by-timer", "by-window"}},
		{"calls", 6000, fault.ManageCalls()},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			var tuples []fault.Tuple
			for _, way := range c.ways {
				in, ok := thinned[way]
				if !ok {
					in = thin{6000, 1, 6000}
				}
				tuples = append(tuples, fault.Sweep("failstop", way, 0, 1, in.each, 1)...)
				tuples = append(tuples, fault.Sweep("failstop", way, 0, in.each+1, in.most, in.every)...)
			}
			const words = "new=0 pace=1"
			m := recovering(t, words, c.copy)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			const enough = 3
			ends, made, bad := map[string]uint64{}, map[string]int{}, []fault.Tuple(nil)
			tally := fault.Tally{}
			err := m.All(ctx, tuples, func(r fault.Result) {
				tuple, _ := fault.Parse(r.Tuple)
				tally[r.Class]++
				made[tuple.Reason]++
				switch {
				case r.How == fault.Beyond:
					ends[tuple.Reason] = tuple.Step - 1
				case r.Class != fault.Clean && r.Class != fault.Quiet: // a fault that has no effect any more is not noticed
					t.Logf("%s: %s (%s) %s, after %d others", r.Tuple, r.Class, r.How, r.Notes, r.Place)
					if bad = append(bad, tuple); len(bad) == enough {
						cancel()
					}
				}
			}, func(int, error) {})
			if len(bad) < enough {
				require.NoError(t, err)
			} else {
				t.Errorf("%d faults are not overcome", enough)
			}
			alone := recovering(t, words, 1) // what thousands before it have left has no tuple
			require.NoError(t, alone.All(t.Context(), bad, func(r fault.Result) {
				if r.Class != fault.Clean && r.Class != fault.Quiet {
					t.Errorf("%s: %s (%s) %s; go run ./test/campaign -words '%s' -replay %s", r.Tuple, r.Class, r.How, r.Notes, words, r.Tuple)
				}
			}, func(int, error) {}))
			t.Logf("%v; instructions of each: %v, faults: %v", tally, ends, made)
			for _, way := range c.ways {
				if ends[way] == 0 {
					t.Errorf("%s: the sweep did not come to its end", way)
				}
			}
		})
	}
}
