package microreset

import (
	"testing"

	"perdure/partition"
	"perdure/partition/abi"
)

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		name string
		f    partition.Facts
		rung abi.Rung
		why  abi.RungReason
	}{
		{"the ordinary case", partition.Facts{Tries: 1, Near: 1, Repeats: 1}, abi.RungReset, abi.ReasonVolatile},
		{"no exit was dropped", partition.Facts{Tries: 1, Near: 1}, abi.RungReset, abi.ReasonVolatile},
		{"the same exit, the second time", partition.Facts{Tries: 1, Near: 2, Repeats: 2}, abi.RungReset, abi.ReasonVolatile},
		{"the same exit, the third time", partition.Facts{Tries: 1, Near: 3, Repeats: 3}, abi.RungQuarantine, abi.ReasonRepeated},
		{"root cannot be spared", partition.Facts{Tries: 1, Near: 3, Repeats: 3, Root: true}, abi.RungReset, abi.ReasonVolatile},
		{"quarantine comes before giving up", partition.Facts{Tries: 1, Near: near + 1, Repeats: 3}, abi.RungQuarantine, abi.ReasonRepeated},
		{"nothing gets done", partition.Facts{Tries: 1, Near: near + 1}, abi.RungStop, abi.ReasonHopeless},
		{"a failure in recovery", partition.Facts{Tries: 2, Near: 2}, abi.RungReset, abi.ReasonRecovery},
		{"code was damaged, and is right again", partition.Facts{Tries: 2, Near: 3, Repeats: 3, Code: true}, abi.RungReset, abi.ReasonCode},
		{"and again, and again", partition.Facts{Tries: 1, Near: near + 1, Repeats: 1, Code: true}, abi.RungStop, abi.ReasonHopeless},
		{"damaged records of a guest", partition.Facts{Tries: 1, Near: 1, Repeats: 1, Records: true}, abi.RungQuarantine, abi.ReasonRecords},
		{"damaged records of nobody who ran", partition.Facts{Tries: 1, Near: 1, Records: true}, abi.RungReset, abi.ReasonVolatile},
	} {
		if r := choose(&c.f); r.rung != c.rung || r.why != c.why {
			t.Errorf("%s: %v because of %v, want %v because of %v", c.name, r.rung, r.why, c.rung, c.why)
		}
	}
}
