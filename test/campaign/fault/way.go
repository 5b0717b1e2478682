package fault

import "perdure/partition/abi"

// A Way is an exit, or a call, that root makes itself in a sweep, so that next to nothing
// comes between two faults.
type Way struct {
	Name   string
	reason uint64
}

// Ways are what root's enum BY_ has, in its order. First the ten exits that are answered
// most often, some in different kinds; then calls, from their first change of kept state to
// their answer.
var Ways = []Way{
	{"by-cpuid", 10}, {"by-rdmsr", 31}, {"by-rdtpr", 31}, {"by-tpr", 32}, {"by-self", 32}, {"by-eoi", 32}, {"by-deadline", 32}, {"by-icr", 32},
	{"by-out", 30}, {"by-in", 30}, {"by-load", 48}, {"by-store", 48}, {"by-vmcall", 18}, {"by-cr0", 28},
	{"by-hlt", 12}, {"by-timer", 1}, {"by-window", 7},
	{"by-create", commits(abi.CallCreate, 0)}, {"by-start", control(abi.OpStart)}, {"by-set", commits(abi.CallSet, uint64(abi.SetWeight))},
	{"by-pause", control(abi.OpPause)}, {"by-resume", control(abi.OpResume)}, {"by-stop", control(abi.OpStop)},
	{"by-reset", control(abi.OpReset)}, {"by-destroy", control(abi.OpDestroy)},
	{"by-cpus", commits(abi.CallSet, uint64(abi.SetCPUs))}, {"by-button", control(abi.OpButton)}, {"by-memory", commits(abi.CallLoad, 0)},
	{"by-entry", commits(abi.CallEntry, 0)}, {"by-dump", commits(abi.CallDump, 0)}, {"by-type", 18}, {"by-ring", 18},
	{"by-console", commits(abi.CallConsole, 0)}, {"by-check", commits(abi.CallCheck, 0)},
	{"by-begin", restart(abi.RestartBegin)}, {"by-piece", restart(abi.RestartLoad)}, {"by-go", restart(abi.RestartGo)}, {"by-abort", restart(abi.RestartAbort)},
}

// firstCall is the first way that is a call.
const firstCall = 17

// Exits returns the names of the ways that are exits.
func Exits() []string { return names(Ways[:firstCall]) }

// ManageCalls returns the names of those that are calls.
func ManageCalls() []string { return names(Ways[firstCall:]) }

func names(list []Way) (names []string) {
	for _, w := range list {
		names = append(names, w.Name)
	}
	return names
}

// Bits of the Skip of a fault in a call.
const (
	Whole = 1 << iota // instructions count from where it is begun, not from its first change on
	Each              // of loops, every round is gone through, not only the first
)

func commits(c abi.Call, op uint64) uint64 { return abi.Sections | abi.Commits | abi.Section(c, op) }

func control(op abi.Op) uint64 { return commits(abi.CallControl, uint64(op)) }

func restart(op abi.RestartOp) uint64 { return commits(abi.CallRestart, uint64(op)) }

// by returns a way's number in root and what faults in it are ordered for; 0: there is none.
func by(name string, skip uint64) (n, reason uint64) {
	for i, w := range Ways {
		if w.Name == name {
			if reason = w.reason; skip&Whole != 0 && reason > abi.NumReasons {
				reason &^= abi.Commits
			}
			return uint64(i) + 1, reason
		}
	}
	return 0, 0
}
