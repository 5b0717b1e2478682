package hhr

import (
	"perdure/partition"
	"perdure/partition/abi"
)

// budget is how many seconds of a processor's time a candidate may use.
const budget = 60

// before returns what speaks against going on in phase p, before the handoff.
func before(r *partition.Restart, p abi.RestartPhase) string {
	switch {
	case r.Reset():
		return "the running instance lost its volatile state meanwhile"
	case r.Abort != 0:
		return "somebody asked for its end"
	case r.Fails(p, true):
		return "a failure was asked for at the beginning of this phase"
	case r.Broken() != "":
		return "the candidate has stopped: " + r.Broken()
	case r.Late() && p == abi.PhaseLoad:
		return "the rest of the image did not come"
	case r.Late() || r.Silent():
		return "the candidate gave no sign of life"
	case r.Ran() > budget*r.Hz():
		return "the candidate used up the time that it may run"
	}
	return ""
}

// between is before for the phase that both instances see.
func between(r *partition.Restart, p abi.RestartPhase) string {
	if r.Mine() {
		return after(r, p)
	}
	if r.Back != 0 {
		return returned
	}
	return before(r, p)
}

// returned is why an instance finds itself the old one that handed over.
const returned = "the new instance failed before it had shown that it works"

// after returns what speaks against the new instance, which does this itself.
func after(r *partition.Restart, p abi.RestartPhase) string {
	switch {
	case !r.Mine():
		return returned
	case r.Reset():
		return "the new instance lost its volatile state before it had shown that it works"
	case r.Fails(p, true):
		return "a failure was asked for at the beginning of this phase"
	}
	return ""
}

// nothing speaks against giving back what nobody needs.
func nothing(*partition.Restart, abi.RestartPhase) string { return "" }
