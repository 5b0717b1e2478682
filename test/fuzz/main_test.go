package main

import "testing"

// The end of the time is no failure, whatever else is said is.
func TestInTime(t *testing.T) {
	const end = "fuzz: elapsed: 1s, execs: 6374 (5447/sec), new interesting: 0 (total: 33)\n--- FAIL: FuzzX (1.19s)\n    context deadline exceeded\nFAIL\nexit status 1\n"
	for out, want := range map[string]bool{
		end: true,
		"--- FAIL: FuzzX (0.19s)\n    --- FAIL: FuzzX (0.00s)\n        x_test.go:9: context deadline exceeded\n\n    Failing input written to testdata\nFAIL\n": false,
		"--- FAIL: FuzzX (1.19s)\n    x_test.go:9: 5\nFAIL\n": false,
		end + "    Failing input written to testdata\n":       false,
	} {
		if got := inTime(out); got != want {
			t.Errorf("%v: %s", got, out)
		}
	}
}
