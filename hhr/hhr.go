// Package hhr replaces the running hypervisor by another build, under the
// partitions that run.
//
// The one idea: a hot restart is a row of phases in one kept record, and each
// step of it either leads on or gives everything back; so wherever it is cut
// off, whoever finds the record knows what is left to do.
//
// The steps are done by the control goroutine. Until the handoff nothing but
// memory and a little time has been taken from anybody, and every failure ends
// in giveBack. After it the new instance goes on from the same record.
package hhr

import (
	"perdure/partition"
	"perdure/partition/abi"
)

// Start lets hypercalls begin hot restarts.
func Start() { partition.OnRestart = step }

// phase is what is done in one, again and again, until it is over.
type phase struct {
	step    func(r *partition.Restart) (done bool, why string)
	seconds uint64 // it may take; 0: as long as it likes
}

// phases are those that the orchestrator leads through, in their order.
var phases = [abi.NumPhases]phase{
	abi.PhaseLoad:     {load, 600},
	abi.PhaseCheck:    {check, 60},
	abi.PhaseBoot:     {boot, 120},
	abi.PhaseMirror:   {mirror, 60},
	abi.PhaseRehearse: {rehearse, 60},
	abi.PhaseReady:    {ready, 60},
	abi.PhaseHandoff:  {handoff, 60},
	abi.PhaseUndo:     {undo, 60},
	abi.PhaseFree:     {free, 60},
}

// step does the next step of r.
func step(r *partition.Restart) {
	p := r.Phase()
	switch {
	case p == abi.PhaseNone || p.Over():
		return
	case r.Ends != 0:
		giveBack(r)
		return
	}
	if why := trouble(r, p); why != "" && p < abi.PhaseHandoff {
		r.End(abi.PhaseFailed, why)
		return
	}
	done, why := phases[p].step(r)
	switch {
	case why != "":
		r.End(abi.PhaseFailed, why)
	case done && r.Fails(p, false):
		r.End(abi.PhaseFailed, "a failure was asked for at the end of this phase")
	case done:
		r.Enter(p + 1)
	}
}

// trouble returns what speaks against going on in phase p, before the handoff.
func trouble(r *partition.Restart, p abi.RestartPhase) string {
	switch limit := phases[p].seconds; {
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
	case r.Late():
		return "the candidate gave no sign of life"
	case limit != 0 && r.Since(p) > limit:
		return "this phase took too long"
	case r.Ran() > budget*r.Hz():
		return "the candidate used up the time that it may run"
	}
	return ""
}

// budget is how many seconds of a processor's time a candidate may use.
const budget = 60

// giveBack ends a restart whose end is decided on: first the service partition
// goes, with all that belongs to it, then the record says so.
func giveBack(r *partition.Restart) {
	r.Drop()
	if r.Partition() == nil {
		r.Close()
	}
}

// load waits for the image file.
func load(*partition.Restart) (bool, string) { return false, "" }
