package abi

// Reset is the record of one recovery from a failure of the hypervisor: what
// failed, what was done about it, and when who ran again. Times are TSC values; in
// the emulator a tick is an instruction. 0: it did not happen, or is not known.
type Reset struct {
	Header
	Number    uint64     // counted from 1
	Cause     ResetCause // what was noticed
	Rung      Rung       // what was done
	Reason    RungReason // why this rung
	Processor uint32     // where it failed
	Fault     uint64     // when a fault was injected
	Noticed   uint64     // when it was noticed
	Began     uint64     // when the reset began
	Repaired  uint64     // when that processor had repaired its part of kept state
	Partition uint32     // whose exit was dropped, NoPartition: none was
	VP        uint32
	Exit      uint64 // its reason
	RIP       uint64 // of the guest
	Repeats   uint64 // times in a row that the same exit failed
	Tries     uint64 // failures since the last one was overcome
	Copied    uint64 // pages copied: the other set was not ready. 0: the sets were changed
	Vector    uint64 // of the exception
	Error     uint64
	At        uint64 // RIP of the hypervisor
	CR2       uint64
	Flags     uint64
	RSP       uint64
	Regs      [15]uint64 // R15, R14, … R8, RBP, RDI, RSI, RDX, RCX, RBX, RAX
	Stack     [24]uint64
	Text      [96]byte   // what the Go runtime said
	Found     [32]uint64 // RIP at which each other processor was stopped
	Back      [32]uint64 // when each processor first went on: entered a VP, or had none to enter
}

// ResetCause is how a failure was noticed.
type ResetCause uint32

// Causes, as the kernel has them.
const (
	CauseNone ResetCause = iota
	CauseException
	CauseRuntime
	CauseInvariant
	CauseHang
	CauseNMI
	CauseCommand
	numCauses
)

// String returns the word that tools print.
func (c ResetCause) String() string {
	if c >= numCauses {
		return "unknown"
	}
	return [...]string{"none", "exception", "runtime", "invariant", "hang", "nmi", "command"}[c]
}

// Rung is a rung of the ladder.
type Rung uint32

// Rungs. RungUnwind is not among the records of resets: see Counters.Unwound.
const (
	RungUnwind     Rung = iota // the exit was dropped and repeated
	RungReset                  // microreset: the volatile state was thrown away
	RungReboot                 // microreboot: another instance took over
	RungQuarantine             // microreset, and the partition was stopped
	RungStop                   // the machine was stopped
	numRungs
)

// String returns the word that tools print.
func (r Rung) String() string {
	if r >= numRungs {
		return "unknown"
	}
	return [...]string{"unwind", "microreset", "microreboot", "quarantine", "stop"}[r]
}

// RungReason is which rule of the ladder chose the rung.
type RungReason uint32

// Rules, in their order.
const (
	ReasonNone     RungReason = iota
	ReasonHopeless            // resets follow each other and nothing gets done
	ReasonRepeated            // the same exit of the same partition failed again and again
	ReasonRecords             // records of the partition are damaged
	ReasonCode                // code or constants are damaged
	ReasonRecovery            // recovery itself failed
	ReasonVolatile            // the volatile state may be damaged: the ordinary case
	ReasonAsked               // by command
	ReasonBeyond              // something is damaged that no reset makes good
	numReasons
)

// String returns the words that tools print.
func (r RungReason) String() string {
	if r >= numReasons {
		return "unknown"
	}
	return [...]string{"none", "nothing gets done", "the same exit again and again", "damaged records", "damaged code", "failure in recovery", "volatile state", "asked for", "damage beyond repair"}[r]
}

// ResetVersion is the version of a Reset record.
const ResetVersion = 1

func (*Reset) want() uint32 { return ResetVersion }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *Reset) Bytes() []byte { return view(r) }
