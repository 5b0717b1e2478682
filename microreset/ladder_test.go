package microreset

import (
	"testing"

	"perdure/kernel"
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
		{"damaged records of the machine", partition.Facts{Tries: 1, Near: 1, Machine: true}, abi.RungStop, abi.ReasonRecords},
		{"damaged records of nobody who ran", partition.Facts{Tries: 1, Near: 1, Records: true}, abi.RungReset, abi.ReasonVolatile},
		{"nothing gets done, and somebody waits", partition.Facts{Tries: 1, Near: near + 1, Standby: true}, abi.RungReboot, abi.ReasonHopeless},
		{"and goes on", partition.Facts{Tries: 1, Near: near + 2, Reboot: kernel.RebootHopeless}, abi.RungReboot, abi.ReasonHopeless},
		{"by command", partition.Facts{Tries: 1, Near: 1, Repeats: 3, Reboot: kernel.RebootAsked}, abi.RungReboot, abi.ReasonAsked},
		{"damage that stays", partition.Facts{Tries: 1, Near: 1, Code: true, Reboot: kernel.RebootDamage}, abi.RungReboot, abi.ReasonBeyond},
		{"recovery failed", partition.Facts{Tries: 2, Near: 2, Reboot: kernel.RebootRecovery}, abi.RungReboot, abi.ReasonRecovery},
	} {
		if r := choose(&c.f); r.rung != c.rung || r.why != c.why {
			t.Errorf("%s: %v because of %v, want %v because of %v", c.name, r.rung, r.why, c.rung, c.why)
		}
	}
}
