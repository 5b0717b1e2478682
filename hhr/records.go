package hhr

import (
	"perdure/hhr/mirror"
	"perdure/mm/kept"
	"perdure/partition"
)

// copying gives the candidate the records: it finds them in place, or what has
// changed is mirrored.
func copying(r *partition.Restart) (done bool, why string) {
	n, err := mirror.Step()
	if err != nil {
		return false, err.Error()
	}
	r.Report.Records = uint64(n)
	if r.Report.Same = 0; kept.Changing() == nil {
		r.Report.Same = 1
	}
	return true, ""
}

// rehearse waits for the candidate to have found them good, and foretells what the
// handoff takes.
func rehearse(r *partition.Restart) (done bool, why string) {
	switch {
	case r.Seat == 0:
		return false, ""
	case !mirror.Rehearsed():
		return false, "the candidate has not shown all records"
	}
	if _, err := mirror.Step(); err != nil {
		return false, err.Error()
	}
	r.Report.Mirrored = mirror.Spent()
	why = expect(r, kept.Changing() != nil)
	return why == "", why
}

// converted notes what the handoff has made of other records.
func converted(r *partition.Restart) {
	if c := kept.Changing(); c != nil {
		r.Report.Residue, r.Report.Converting = c.Passed, c.Took
	}
}

// forget gives back the tables of the instance that does not have the machine, if
// it had its own.
func forget() bool { return mirror.Drop() == nil }
