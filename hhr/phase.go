package hhr

import (
	"perdure/partition"
	"perdure/partition/abi"
)

// load waits for the image file.
func load(*partition.Restart) (bool, string) { return false, "" }

// bootSeconds is how long the candidate may take to its first sign of life.
const bootSeconds = 300

// start waits for the candidate to have started.
func start(r *partition.Restart) (done bool, why string) {
	return r.Of != 0 && r.Done >= r.Of || r.Seat != 0, ""
}

// ready waits until no processor has anything of the candidate's.
func ready(r *partition.Restart) (done bool, why string) {
	switch {
	case !r.Stands():
		return false, ""
	case r.Report.Flags&abi.RestartDry != 0:
		return false, "a dry run: all was ready"
	}
	return true, ""
}
