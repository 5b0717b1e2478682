package vmcs

// Decoders of exit qualifications and of instruction information: pure, one per
// kind of exit. SDM Vol. 3C, "Basic VM-Exit Information" and "Information for VM
// Exits Due to Instruction Execution".

// Register is a general register by the number that instructions give it: 0 is
// RAX, then RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15.
type Register uint8

// RSP is the one general register that the VMCS holds.
const RSP Register = 4

// CRAccess is how an instruction touched a control register.
type CRAccess struct {
	CR     uint8 // 0, 3, 4 or 8
	Kind   CRKind
	Reg    Register // of a MOV
	Memory bool     // LMSW took its operand from memory
	Source uint16   // LMSW's operand
}

// CRKind is what the instruction was.
type CRKind uint8

// Kinds of access to a control register.
const (
	CRWrite CRKind = iota
	CRRead
	CRCLTS
	CRLMSW
)

// DecodeCR reads the qualification of ReasonCR.
//
//go:nosplit
func DecodeCR(q uint64) CRAccess {
	return CRAccess{
		CR:     uint8(q & 15),
		Kind:   CRKind(q >> 4 & 3),
		Memory: q>>6&1 != 0,
		Reg:    Register(q >> 8 & 15),
		Source: uint16(q >> 16),
	}
}

// IO is an IN, OUT, INS or OUTS: the qualification of ReasonIO as it is, for it
// is handed from one to the next on a way that many exits take.
type IO uint64

//go:nosplit
func (q IO) Port() uint16 { return uint16(q >> 16) }

// Size returns 1, 2 or 4 bytes.
//
//go:nosplit
func (q IO) Size() uint8 { return uint8(q&7) + 1 }

//go:nosplit
func (q IO) In() bool { return q>>3&1 != 0 }

// Many reports whether it is INS or OUTS.
//
//go:nosplit
func (q IO) Many() bool { return q>>4&1 != 0 }

// Rep reports whether it has a repeat prefix.
//
//go:nosplit
func (q IO) Rep() bool { return q>>5&1 != 0 }

// StringIO is what instruction information adds about an INS or OUTS.
type StringIO struct {
	AddressBits uint8   // 16, 32 or 64
	Segment     Segment // where OUTS reads; INS always writes through ES
}

// DecodeStringIO reads ExitInstructionInfo of ReasonIO for a string instruction.
//
//go:nosplit
func DecodeStringIO(info uint32) StringIO {
	return StringIO{
		AddressBits: 16 << (info >> 7 & 3),
		Segment:     Segment(info >> 15 & 7),
	}
}

// EPTViolation is an access that a partition's page table did not allow.
type EPTViolation struct {
	Read, Write, Fetch bool // what was tried; a read for a write sets both
	Allowed            uint8
	LinearValid        bool // GuestLinearAddress holds the linear address
	Final              bool // the access itself, not the walk of the guest's own tables
	UnblockNMI         bool // an IRET was under way
}

// DecodeEPT reads the qualification of ReasonEPTViolation.
//
//go:nosplit
func DecodeEPT(q uint64) EPTViolation {
	return EPTViolation{
		Read:        q&1 != 0,
		Write:       q>>1&1 != 0,
		Fetch:       q>>2&1 != 0,
		Allowed:     uint8(q >> 3 & 7),
		LinearValid: q>>7&1 != 0,
		Final:       q>>8&1 != 0,
		UnblockNMI:  q>>12&1 != 0,
	}
}

// TaskSwitch is an attempt at a hardware task switch.
type TaskSwitch struct {
	Selector uint16
	Source   TaskSource
}

// TaskSource is what began a task switch.
type TaskSource uint8

// What begins a task switch.
const (
	TaskCALL TaskSource = iota
	TaskIRET
	TaskJMP
	TaskGate
)

// DecodeTaskSwitch reads the qualification of ReasonTaskSwitch.
//
//go:nosplit
func DecodeTaskSwitch(q uint64) TaskSwitch {
	return TaskSwitch{Selector: uint16(q), Source: TaskSource(q >> 30 & 3)}
}

// DRAccess is a MOV to or from a debug register.
type DRAccess struct {
	DR   uint8
	From bool // MOV from the debug register
	Reg  Register
}

// DecodeDR reads the qualification of ReasonDR.
//
//go:nosplit
func DecodeDR(q uint64) DRAccess {
	return DRAccess{DR: uint8(q & 7), From: q>>4&1 != 0, Reg: Register(q >> 8 & 15)}
}
