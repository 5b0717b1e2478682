package fail

import "testing"

func TestTheFirstFailureCounts(t *testing.T) {
	var p Epitaph
	called := 0
	OnFailure = func() { called++ }
	defer func() { OnFailure, page, dead = stop, nil, 0 }()
	At(&p)
	if p.State != Alive {
		t.Errorf("state %d, want alive", p.State)
	}
	Now("first", 3, 0x40001234)
	Now("second", 1, 0)
	if p.State != Failed || p.CPU != 3 || p.RIP != 0x40001234 || string(p.Text[:6]) != "first\x00" {
		t.Errorf("epitaph %+v", p)
	}
	if called != 2 {
		t.Errorf("the hook was called %d times, want once for each", called)
	}
	if Again(); p.State != Alive {
		t.Errorf("state %d after recovery, want alive", p.State)
	}
}
