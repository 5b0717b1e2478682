package hhr

import (
	"strconv"

	"perdure/hhr/mirror"
	"perdure/partition"
	"perdure/partition/abi"
)

// What a handoff takes on the processor that stands longest, in instructions from
// its last guest's to its next guest's, as the emulator counts them under a root
// that spins on its processors. docs/hot-restart.md has the measurements, and
// test/bench how far off what they foretell is.
const (
	byFlip   = 880  // on one processor: the exit, the meeting, the entry
	eachFlip = 30   // for each further one that has to come
	byLoad   = 3400 // loading the state: the new instance's dispatcher goes round before it enters
	eachLoad = 500
	alone    = 400 // loading it on the only processor, which lends itself to the control goroutine first
)

// foretell returns how long the handoff will take, as far as it does not depend on
// the records. They are converted by an instance that processors get to by loading
// its state.
func foretell(cpus uint64, load bool) uint64 {
	switch further := cpus - 1; {
	case !load:
		return byFlip + further*eachFlip
	case further == 0:
		return byLoad + alone
	default:
		return byLoad + further*eachLoad
	}
}

// expect notes what the handoff will take, and says so if that is not allowed.
// Unless something else was, it is what the image promises; who wants everything
// to be copied is not held to that.
func expect(r *partition.Restart, load bool) (why string) {
	q := &r.Report
	bytes, steps := mirror.Forecast()
	q.Residue = bytes
	q.Predicted = foretell(r.CPUs(), load || q.Flags&abi.RestartNative != 0) + steps
	if q.Budget == 0 || q.Predicted <= q.Budget {
		return ""
	}
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	return "processors would stand for about " + number(q.Predicted) + " instructions, allowed are " + number(q.Budget)
}
