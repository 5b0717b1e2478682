package microreset

import (
	"perdure/kernel"
	"perdure/partition"
	"perdure/partition/abi"
)

// rule is one line of the ladder.
type rule struct {
	why  abi.RungReason
	rung abi.Rung
	when func(f *partition.Facts) bool
}

// Limits of the rules.
const (
	repeats = 3  // failures in a row of one exit that cost its partition the processor
	near    = 12 // recoveries in a row with hardly an exit in between that are too many
)

// ladder is how a rung is chosen: the first rule that applies. What the table
// cannot see is decided before: rung 0 by the dispatcher that recovers a panic, and
// rungs 2 and 4 by package kernel when resets follow each other and none is overcome,
// or something is damaged that none makes good.
// docs/recovery.md has it in words.
var ladder = [...]rule{
	{abi.ReasonAsked, abi.RungReboot, func(f *partition.Facts) bool { return f.Reboot == kernel.RebootAsked }}, // these are done
	{abi.ReasonBeyond, abi.RungReboot, func(f *partition.Facts) bool { return f.Reboot == kernel.RebootDamage }},
	{abi.ReasonRecovery, abi.RungReboot, func(f *partition.Facts) bool { return f.Reboot == kernel.RebootRecovery }},
	{abi.ReasonHopeless, abi.RungReboot, func(f *partition.Facts) bool { return f.Reboot == kernel.RebootHopeless }},
	{abi.ReasonCode, abi.RungReset, func(f *partition.Facts) bool { return f.Code && f.Near <= near }}, // it is right again
	{abi.ReasonRepeated, abi.RungQuarantine, func(f *partition.Facts) bool { return f.Repeats >= repeats && !f.Root }},
	{abi.ReasonHopeless, abi.RungReboot, func(f *partition.Facts) bool { return f.Near > near && f.Standby }},
	{abi.ReasonHopeless, abi.RungStop, func(f *partition.Facts) bool { return f.Near > near }},
	{abi.ReasonRecords, abi.RungStop, func(f *partition.Facts) bool { return f.Machine }},
	{abi.ReasonRecords, abi.RungQuarantine, func(f *partition.Facts) bool { return f.Records && f.Repeats > 0 && !f.Root }},
	{abi.ReasonRecovery, abi.RungReset, func(f *partition.Facts) bool { return f.Tries > 1 }},
	{abi.ReasonVolatile, abi.RungReset, func(f *partition.Facts) bool { return true }},
}

// choose returns the first rule that applies to f.
func choose(f *partition.Facts) *rule {
	for i := range ladder {
		if r := &ladder[i]; r.when(f) {
			return r
		}
	}
	return &ladder[len(ladder)-1]
}
