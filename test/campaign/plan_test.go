package main

import (
	"testing"

	"perdure/test/campaign/fault"
)

func TestPlans(t *testing.T) {
	for _, c := range []struct {
		words string
		n     int
		bad   bool
	}{
		{"register:5 code:2", 7, false}, {"failstop@wrmsr,1:1-9/2", 5, false}, {"sweeps", 4000 * len(fault.Exits()), false}, {"", 0, false},
		{"nothing:5", 0, true}, {"register:x", 0, true}, {"register", 0, true}, {"failstop@wrmsr:1-9", 0, true}, {"failstop@never,0:1-9/1", 0, true},
	} {
		list, err := planned(c.words, 1)
		if (err != nil) != c.bad || err == nil && len(list) != c.n {
			t.Errorf("%q: %d faults, %v", c.words, len(list), err)
		}
	}
}

func TestMixed(t *testing.T) {
	list, err := planned("failstop@cpuid,0:1-2/1 register:4 code:2", 1)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, f := range mixed(list) {
		got += f.String() + " "
	}
	const want = "register/1/0 code/1/0 register/1/1 register/1/2 code/1/1 register/1/3 failstop/cpuid/0/1 failstop/cpuid/0/2 "
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if n := len(mixed([]fault.Tuple{})); n != 0 {
		t.Errorf("of nothing: %d", n)
	}
}
