package system

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/test/campaign/fault"
)

// stopped is how many instructions of "stop" there are until it has changed what it is to
// change; 3,500 more say so in the log, and are left to the campaign.
const stopped = 300

// A failstop at every instruction of the answers to the ten exits that are most frequent,
// and of the calls that manage guests, from the first change that they make to their end:
// each is overcome, the exit has its right answer, and the call has done what it was to do.
func TestSweep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		most uint64 // instructions
		ways []string
	}{
		{"exits", 4000, []string{"by-cpuid", "by-rdmsr", "by-deadline", "by-out", "by-store", "by-vmcall", "by-cr0", "by-hlt", "by-timer", "by-window"}},
		{"calls", 6000, fault.ManageCalls()},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			var tuples []fault.Tuple
			for _, way := range c.ways {
				most := c.most
				if way == "by-stop" {
					most = stopped
				}
				tuples = append(tuples, fault.Sweep("failstop", way, 0, 1, most, 1)...)
			}
			const words = "new=0 pace=1"
			m := recovering(t, words, 1000)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			const enough = 3
			ends, bad := map[string]uint64{}, []fault.Tuple(nil)
			tally := fault.Tally{}
			err := m.All(ctx, tuples, func(r fault.Result) {
				tuple, _ := fault.Parse(r.Tuple)
				tally[r.Class]++
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
			t.Logf("%v; instructions of each: %v", tally, ends)
			for _, way := range c.ways {
				if ends[way] == 0 && way != "by-stop" {
					t.Errorf("%s: the sweep did not come to its end", way)
				}
			}
		})
	}
}
