// Package lapic is a virtual processor's local APIC.
//
// The one idea: the APIC is a record of words and every access is a function
// of that record and the time; what an access means for others is returned as
// an Effect, which the caller carries out.
//
// A State is kept state: saving it is copying it, and a copy that is put in
// place goes on exactly where the original stood, since the timer is kept as
// the TSC value at which it expires. Words change through the exit's log. Only
// IRR, TMR and Errors are also written by other processors, with atomic
// operations on single bits.
//
// Registers and their reset values follow SDM Vol. 3A, "Advanced Programmable
// Interrupt Controller (APIC)".
package lapic

// State is one local APIC.
type State struct {
	ID           uint64    // the 32-bit APIC ID; never changes
	Base         uint64    // IA32_APIC_BASE
	TPR          uint64    // task priority
	LDR          uint64    // logical destination, xAPIC mode; x2APIC derives it from ID
	DFR          uint64    // destination format, xAPIC mode
	SVR          uint64    // spurious vector and software enable
	ESR          uint64    // errors, as latched by the last write to ESR
	Errors       uint64    // errors since then; others may set bits
	ICR          uint64    // the last command, as the guest reads it
	LVT          [6]uint64 // local vector table, indexed by LVT* below
	InitialCount uint64
	Divide       uint64    // divide configuration register
	Deadline     uint64    // guest TSC at which the timer expires next; 0: not armed
	Due          uint64    // Due* bits: to be settled before the guest runs
	IRR          [4]uint64 // requested; others may set bits
	ISR          [4]uint64 // in service
	TMR          [4]uint64 // accepted as level-triggered; others may change bits
}

// Rows of State.LVT, in the order of their registers.
const (
	LVTTimer = iota
	LVTThermal
	LVTPerf
	LVTLINT0
	LVTLINT1
	LVTError
)

// DueInit in State.Due says that the registers are to be put to their values
// after INIT, by Settle.
const DueInit = 1

// Bits of the registers.
const (
	SVREnable = 1 << 8

	LVTMasked = 1 << 16

	ErrSendIllegal    = 1 << 5
	ErrReceiveIllegal = 1 << 6
	ErrIllegalReg     = 1 << 7

	svrReset = 0xff
	dfrReset = 0xffffffff

	version = 0x14 | 5<<16 // integrated APIC with 6 LVT entries, no EOI suppression
)

// Reset puts s into its state after power-up, for the APIC with the given ID.
// It is not part of an exit: the virtual processor does not run.
//
//go:nosplit
func (s *State) Reset(id uint32, boot bool) {
	s.ID = uint64(id)
	s.Base = BaseAddress | BaseEnable
	if boot {
		s.Base |= BaseBSP
	}
	s.Init()
}

// Init puts s into its state after INIT: mode and ID stay. Like Reset it is not
// part of an exit, and doing it again changes nothing.
//
//go:nosplit
func (s *State) Init() {
	s.IRR, s.ISR, s.TMR = [4]uint64{}, [4]uint64{}, [4]uint64{}
	s.TPR, s.LDR, s.DFR, s.SVR = 0, 0, dfrReset, svrReset
	s.ESR, s.Errors, s.ICR = 0, 0, 0
	s.LVT = [6]uint64{LVTMasked, LVTMasked, LVTMasked, LVTMasked, LVTMasked, LVTMasked}
	s.InitialCount, s.Divide, s.Deadline = 0, 0, 0
	s.Due = 0
}

// Settle does what Due asks for. The dispatcher calls it, between exits, when
// Due is not zero.
//
//go:nosplit
func (s *State) Settle() {
	if s.Due&DueInit != 0 {
		s.Init()
	}
}

// Kind says what an Effect asks of the caller.
type Kind uint8

// Kinds of Effect.
const (
	None  Kind = iota // nothing
	IPI               // deliver Mode, Vector to the processors named by To, Dest and Logical
	EOI               // a level-triggered Vector ended: tell the I/O APICs
	Timer             // the timer was set anew: NextDeadline may have changed
)

// Mode is a delivery mode, as ICR, LVT and I/O APIC encode it.
type Mode uint8

// Delivery modes. SDM Vol. 3A, "Interrupt Command Register (ICR)".
const (
	Fixed   Mode = 0
	Lowest  Mode = 1
	SMI     Mode = 2
	NMI     Mode = 4
	INIT    Mode = 5
	StartUp Mode = 6
	ExtINT  Mode = 7
)

// To is an ICR's destination shorthand.
type To uint8

// Destination shorthands.
const (
	ToDest To = iota
	ToSelf
	ToAll
	ToOthers
)

// Broadcast is the destination that means every processor, in both modes; an
// 8-bit physical 0xff is widened to it.
const Broadcast = 0xffffffff

// Effect is what an access means for others. The zero Effect asks for nothing.
type Effect struct {
	Kind    Kind
	Vector  uint8 // IPI: vector or start-up page; EOI: the vector that ended
	Mode    Mode
	To      To
	Logical bool
	Dest    uint32
}
