package abi

// Injection is a fault of the hypervisor's own that is to be made, for tests, by an
// image built with the tag inject: CallInject.
type Injection struct {
	Header
	Processor uint64
	Kind      Slip
	Reason    uint64 // of the exit that instructions are counted from, AnyReason: of any, AnyOfGuests
	Skip      uint64 // exits with it that pass first
	Steps     uint64 // instructions after that exit, 0: nothing is made any more
	Target    uint64 // register, byte behind the instruction pointer, page, or word
	Bit       uint64
	Again     uint64 // instructions after the reset until a second fault of the same kind, 0: none; of SlipTold: after the fault until it is told of, 0: until the next entry
	Left      uint64 // answer: Steps that have not been made yet
	Count     uint64 // answer: faults made on this processor
	Fired     uint64 // answer: TSC of the last one
	At        uint64 // answer: where it was made
}

// AnyReason as the reason of an Injection, and AnyOfGuests: any exit that is not root's.
const (
	AnyReason   = 1<<64 - 1
	AnyOfGuests = 1<<64 - 2
)

// Slip is a kind of fault, as the kernel has them.
type Slip uint64

// Kinds.
const (
	_ Slip = iota
	SlipStop
	SlipRegister
	SlipCode
	SlipRot
	SlipVolatile
	SlipKept
	SlipHang
	SlipPanic
	SlipFail
	SlipReboot
	SlipDecay
	SlipTold
	NumSlips
)

// String returns the word that tools use.
func (k Slip) String() string {
	if k >= NumSlips {
		return "unknown"
	}
	return [...]string{"none", "failstop", "register", "code", "rot", "volatile", "kept", "hang", "panic", "fail", "reboot", "decay", "told"}[k]
}

// Operations of CallInject.
const (
	InjectOrder  = iota // makes the Injection in the buffer the processor's order
	InjectReport        // fills in the answers
	InjectSoon          // (InjectSoon, kind, steps, reason), without a buffer
)

// InjectSoon is answered at its exit, and costs next to nothing: an order for the
// caller's processor, or for a section on any. The instructions are
// counted anew in each exit with the reason, or in each section that is one; the first
// that has not as many ends the order. Steps of 0 take it back; OnlyAsk leaves it.
// Answers: RAX faults made, RBX where the last one was, RCX resets, RDX exits unwound.
const (
	OnlyAsk  = 1<<64 - 1
	Sections = 1 << 16 // of a reason: it is a section
	Commits  = 1 << 15 // of a section: from the first change on, not of the whole call
)

// Section returns the number of a section: a call that the control goroutine answers, and
// its operation if it has several.
func Section(c Call, op uint64) uint64 { return uint64(c)<<8 | op }

// InjectionVersion is the version of an Injection.
const InjectionVersion = 1

func (*Injection) want() uint32 { return InjectionVersion }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *Injection) Bytes() []byte { return view(r) }
