package main

import (
	"testing"

	"perdure/partition/abi"
)

// Faults of registers are made after guests' exits, unless something else is said.
func TestWhoseExits(t *testing.T) {
	for _, c := range []struct {
		o    injectFlags
		want uint64
	}{
		{injectFlags{kind: "register"}, abi.AnyOfGuests},
		{injectFlags{kind: "register", root: true}, abi.AnyReason},
		{injectFlags{kind: "register", guests: true, root: true}, abi.AnyOfGuests},
		{injectFlags{kind: "failstop"}, abi.AnyReason},
		{injectFlags{kind: "failstop", guests: true}, abi.AnyOfGuests},
	} {
		c.o.reason, c.o.within = "any", 2000
		if r, err := c.o.order(0, 2); err != nil || r.Reason != c.want {
			t.Errorf("%+v: reason %#x, %v", c.o, r.Reason, err)
		}
	}
	o := injectFlags{kind: "register", reason: "cpuid", within: 2000}
	if r, err := o.order(0, 2); err != nil || r.Reason >= abi.NumReasons || o.ofGuests() {
		t.Errorf("a reason by name: %#x, %v", r.Reason, err)
	}
}
