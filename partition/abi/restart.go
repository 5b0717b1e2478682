package abi

// RestartOp is what CallRestart is asked for; its other arguments follow.
type RestartOp uint64

// Operations of CallRestart. Root alone may ask.
const (
	_             RestartOp = iota
	RestartBegin            // (size, flags, budget, weight) → the restart's number; size: bytes of the image file, budget: most instructions of blackout, 0: what the image promises, weight: the candidate's share of the processors, as Config.Weight
	RestartLoad             // (offset, buf, len) → bytes taken of the image file
	RestartGo               // () → 0; begins to check, to boot, to rehearse and, if all is well, to hand over
	RestartAbort            // () → 0; drops it, if it has not handed over
	RestartReport           // (buf, len) → a Restart: the one under way, or the last one
)

// Flags of RestartBegin.
const (
	RestartForce  = 1 << iota // the same build too
	RestartFull               // records are copied though the layouts are the same
	RestartNative             // processors change by loading the state, not by the flip
	RestartDry                // everything but the handoff
)

// RestartPhase is where a restart stands.
type RestartPhase uint64

// Phases, in their order. The last three end one.
const (
	PhaseNone     RestartPhase = iota
	PhaseLoad                  // the image comes in
	PhaseCheck                 // signature, manifest, memory
	PhaseBoot                  // the candidate boots in the service partition
	PhaseMirror                // records are checked or copied
	PhaseRehearse              // the candidate proves that it has them
	PhaseReady                 // both wait for the handoff
	PhaseHandoff               // processors meet and change
	PhaseUndo                  // the new instance runs, the old one is whole
	PhaseFree                  // confirmed; the old home is given back
	PhaseDone                  // over: the new instance has the machine
	PhaseFailed                // over: the old one never noticed; Reason says why
	PhaseUndone                // over: handed over and back again; Reason says why
	NumPhases
)

// Over reports whether p ends a restart.
func (p RestartPhase) Over() bool { return p >= PhaseDone }

// String returns the word that tools print.
func (p RestartPhase) String() string {
	if p >= NumPhases {
		return "unknown"
	}
	return [...]string{"none", "load", "check", "boot", "mirror", "rehearse", "ready", "handoff", "undo window", "free", "done", "failed", "undone"}[p]
}

// RestartVersion is the version of a Restart record.
const RestartVersion = 1

// Restart is the report of a hot restart, under way or over. Times are TSC
// values; in the emulator a tick is an instruction.
type Restart struct {
	Header
	Number     uint64            // counted from 1
	Phase      uint64            // a RestartPhase
	At         [NumPhases]uint64 // when each phase began, 0: it did not
	Flags      uint64            // as asked for
	Generation uint64            // of the instance that has the machine
	Size       uint64            // bytes of the image file
	Taken      uint64            // of these loaded
	From, To   [40]byte          // build ids
	Reason     [160]byte         // why it failed or was undone
	Same       uint64            // 1: both declare the same layout of kept state
	Records    uint64            // checked or copied
	Residue    uint64            // bytes converted while everybody stood
	Predicted  uint64            // instructions of the blackout, as foretold
	Budget     uint64            // most that were allowed
	Blackout   uint64            // ticks from the first processor's last guest instruction to the last one's first
	VMXOps     uint64            // VMX instructions in it, on the busiest processor
	Converting uint64            // ticks of it in which the residue was converted
	Held       uint64            // frames that were on their way in the switch, in their senders' queues
	Mirrored   uint64            // ticks of all processors that making records for the new instance took, until the handoff
	HomeOld    uint64
	HomeNew    uint64
	FreeBefore uint64 // bytes of free memory when it began, and at its end
	FreeAfter  uint64
	CPU        [32]RestartCPU
	VP         [64]RestartVP
}

// RestartCPU is what a processor did in the blackout.
type RestartCPU struct {
	Last  uint64 // TSC of its last exit under the old instance
	Met   uint64 // it stood at the top of its loop
	First uint64 // it entered a guest under the new one, 0: it had none to enter
	Flip  uint64 // 1: by the flip, 0: by loading the state
}

// RestartVP is what a virtual processor felt.
type RestartVP struct {
	Partition, VP uint64
	Last, First   uint64 // TSC of its last exit before, and of its first entry after; 0: it did not want to run
}

// ServiceOp is what CallService is asked for by a candidate, which runs as a
// service partition until it has the machine.
type ServiceOp uint64

// Operations of CallService.
const (
	_             ServiceOp = iota
	ServiceStage            // (n<<32 | of) → 0; so much of its start is done: a sign of life
	ServiceSeat             // (HPA of its kernel.Seat) → does not return: it stands ready and may be entered there
	ServiceRefuse           // (seven characters, the first lowest) → 0; (0) → does not return: it will not do, and that is why
	ServiceSay              // (HPA, n) → 0: n bytes in one page, of what the next operation is about
	ServiceLayout           // () → 1 if tables for it are made in the other directory, 0 if it takes those in force; said were the layouts of its tables
	ServiceShow             // () → records that it is still to show; said was what it finds in some
)
