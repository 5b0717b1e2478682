package golden

import "testing"

// TestExercise runs on the host what a round checks.
func TestExercise(t *testing.T) {
	t.Cleanup(func() { canary, names, scrap = canaryValue, map[string]int{}, nil }) // there is no reset here
	if bad := exercise(true); bad != 0 {
		t.Errorf("checks %#x failed", bad)
	}
	churn()
	spoil()
	if bad := exercise(false); bad != badCanary {
		t.Errorf("spoilt: checks %#x failed, want %#x", bad, badCanary)
	}
}
