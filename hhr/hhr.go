// Package hhr replaces the running hypervisor by another build, under the
// partitions that run.
//
// The one idea: a hot restart is a row of phases in one kept record, and each
// step of it either leads on or gives everything back; so wherever it is cut
// off, whoever finds the record knows what is left to do.
//
// The steps are done by the control goroutine. Until the handoff nothing but
// memory and a little time has been taken from anybody, and every failure ends
// in giveBack. After it the new instance goes on from the same record; until it
// has shown that it works, a failure leads back to the old one, which lies in its
// home as it was.
package hhr

import (
	"perdure/hhr/image"
	"perdure/partition"
	"perdure/partition/abi"
)

// Start lets hypercalls begin hot restarts.
func Start() {
	partition.OnRestart = step
	image.Rest = func() { partition.Answer() }
}

// phase is what is done in one, again and again, until it is over.
type phase struct {
	step    func(r *partition.Restart) (done bool, why string)
	trouble func(r *partition.Restart, p abi.RestartPhase) (why string) // what speaks against going on
	ends    abi.RestartPhase                                            // what it comes to then
	seconds uint64                                                      // it may take; 0: as long as it likes
}

// phases are those that the orchestrator leads through, in their order.
var phases = [abi.NumPhases]phase{
	abi.PhaseLoad:     {load, before, abi.PhaseFailed, 600},
	abi.PhaseCheck:    {check, before, abi.PhaseFailed, 60},
	abi.PhaseBoot:     {start, before, abi.PhaseFailed, 600},
	abi.PhaseMirror:   {copying, before, abi.PhaseFailed, 60},
	abi.PhaseRehearse: {rehearse, before, abi.PhaseFailed, 60},
	abi.PhaseReady:    {ready, before, abi.PhaseFailed, 60},
	abi.PhaseHandoff:  {handoff, between, abi.PhaseFailed, 10},
	abi.PhaseUndo:     {undo, after, abi.PhaseUndone, undoSeconds},
	abi.PhaseFree:     {free, nothing, abi.PhaseDone, 0},
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
	case p == abi.PhaseHandoff && partition.Called():
		return // what is called may come together at any moment
	}
	ph := &phases[p]
	why := ph.trouble(r, p)
	if why == "" && ph.seconds != 0 && r.Since(p) > ph.seconds {
		why = "this phase took too long"
	}
	if why != "" {
		r.End(ends(r, ph), why)
		return
	}
	done, why := ph.step(r)
	switch {
	case why != "":
		r.End(ends(r, ph), why)
	case done && r.Fails(p, false):
		r.End(ends(r, ph), "a failure was asked for at the end of this phase")
	case done:
		r.Enter(p + 1)
	}
}

// ends returns what a failure in a phase comes to: who has handed over goes back.
func ends(r *partition.Restart, ph *phase) abi.RestartPhase {
	if r.Back != 0 {
		return abi.PhaseUndone
	}
	return ph.ends
}

// giveBack ends a restart whose end is decided on. The new instance returns the
// machine to the old one. That one lets the service partition go, with all that
// belongs to it; then the record says so.
func giveBack(r *partition.Restart) {
	if r.Mine() {
		returns(r)
		return
	}
	r.Present()
	r.Drop()
	if r.Partition() == nil && forget() {
		r.Close(abi.RestartPhase(r.Ends))
	}
}
