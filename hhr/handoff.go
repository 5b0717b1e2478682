package hhr

import (
	"perdure/mm/addr"
	"perdure/partition"
	"perdure/partition/abi"
)

// handoff gives the machine to the candidate. The new instance comes here too: the
// processors that have arrived in it say so.
func handoff(r *partition.Restart) (done bool, why string) {
	if r.Here != 0 {
		return true, ""
	}
	if !r.Fits() {
		return false, "the candidate's seat is not one that can be entered"
	}
	switch {
	case partition.Called():
		return false, ""
	case r.Called != 0:
		return false, "the processors did not meet in time"
	case !partition.Handoff(addr.HPA(r.Seat), r.Report.Flags&abi.RestartNative != 0):
		return false, "this instance cannot be left: it has no pristine set"
	}
	r.Called = 1
	return false, ""
}

// undo waits until the new instance has shown that it works.
func undo(r *partition.Restart) (done bool, why string) {
	return r.Here == partition.Processors(), ""
}

// free gives the old instance's home back.
func free(r *partition.Restart) (done bool, why string) {
	r.End(abi.PhaseDone, "")
	return false, ""
}
