package kernel

import (
	"perdure/kernel/personality"
	"perdure/mm/addr"
)

// Rescue takes what an exit of a guest has not saved yet, from the state that
// was interrupted in the middle of saving it; fx is where its FXSAVE area is.
// Package vmx sets it, before an instance is sealed.
var Rescue = func(fr *personality.Frame, fx addr.HVA) {}

// Torn is how far a processor was between a guest and the hypervisor.
type Torn uint64

// States of being torn.
const (
	TornNot    Torn = iota
	TornStack       // the stack is a guest's record, which nothing may be pushed on
	TornSaving      // and the guest's registers are not in it yet: Rescue takes them
)

// Between tells it by the stack and the registers, for a program counter that has gone
// astray. Package vmx sets it, before an instance is sealed.
var Between = func(fr *personality.Frame) Torn { return TornNot }

// OnWait is called again and again while a processor waits for another one, also in the
// runtime's scheduler. Package partition sets it, before an instance is sealed.
var OnWait = func() {}

// Cause is what ended the volatile state of an instance.
type Cause uint64

// Causes.
const (
	CauseNone      Cause = iota
	CauseException       // of the processor, where nobody could answer it
	CauseRuntime         // the Go runtime gave up: throw, panic, stack overflow, out of memory
	CauseInvariant       // the hypervisor found that something cannot be
	CauseHang            // a processor did not get on
	CauseNMI             // an NMI that was asked for
	CauseCommand         // by command
	NumCauses
)

// String returns the word that tools print.
func (c Cause) String() string {
	return [...]string{"none", "exception", "runtime", "invariant", "hang", "nmi", "command", "?"}[c&7]
}

// Lengths of what a crash keeps.
const (
	CrashText  = 96
	CrashWords = 24
)

// Crash is what is known of the failure that led to the last reset. It lies in
// the fixed region, which a reset leaves alone; whoever recovers reads it.
type Crash struct {
	N      uint64 // failures so far
	Cause  Cause
	CPU    uint64 // which failed first
	TSC    uint64 // when that was noticed
	Vector uint64
	Error  uint64
	RIP    uint64
	CR2    uint64
	Flags  uint64
	RSP    uint64
	Regs   [15]uint64 // R15, R14, … R8, RBP, RDI, RSI, RDX, RCX, RBX, RAX
	Stack  [CrashWords]uint64
	Text   [CrashText]byte
	At     [MaxCPUs]uint64 // where the NMI of the reset found each of the others
	heard  uint64          // bytes of Text that the runtime has said
	Reboot uint64          // why another instance went on, one of the reasons below; 0: this one did
	Began  uint64          // when that was decided
	Tries  uint64          // failures since the last one was overcome
}

// Why another instance goes on in the place of one that failed.
const (
	RebootNone     = iota
	RebootAsked    // by command
	RebootDamage   // something is damaged that a reset does not make good
	RebootRecovery // recovery failed
	RebootHopeless // resets follow each other and nothing gets done
)

// maxTries is how many resets may follow each other with nothing achieved in
// between.
const maxTries = 4
