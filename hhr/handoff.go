package hhr

import (
	"perdure/mm/addr"
	"perdure/partition"
	"perdure/partition/abi"
)

// undoSeconds is how long the new instance has to show that it works.
const undoSeconds = 5

// meetings is how often the processors are called to meet, should one of them have
// come too late for the others.
const meetings = 5

// handoff gives the machine to the candidate. The new instance comes here too: the
// processors that have arrived in it say so.
func handoff(r *partition.Restart) (done bool, why string) {
	switch {
	case r.Mine():
		partition.Everything()
		return r.Here != 0, ""
	case !r.Fits():
		return false, "the candidate's seat is not one that can be entered"
	case r.Called == meetings:
		return false, "the processors did not meet in time"
	case !partition.Handoff(addr.HPA(r.Seat), r.Report.Flags&abi.RestartNative != 0):
		return false, "this instance cannot be left: it has no pristine set"
	}
	r.Called++
	return false, ""
}

// returns gives the machine back to the old instance, which goes on from the same
// record. As long as the processors do not meet, it is tried again.
func returns(r *partition.Restart) {
	if !partition.Called() {
		partition.Handoff(addr.HPA(r.Back), r.Report.Flags&abi.RestartNative != 0)
	}
}

// undo waits until the new instance has shown that it works.
func undo(r *partition.Restart) (done bool, why string) {
	r.Present()
	r.Measure()
	converted(r)
	return r.Prove()
}

// free makes the new home one for good, and gives back what the restart took and
// what the old instance had.
func free(r *partition.Restart) (done bool, why string) {
	if r.Partition() != nil {
		r.KeepImage()
		if err := r.Settle(); err == nil {
			r.Drop()
		}
		return false, ""
	}
	if err := r.GiveBack(); err != nil {
		return false, ""
	}
	if !forget() {
		return false, ""
	}
	r.Close(abi.PhaseDone)
	return false, ""
}
