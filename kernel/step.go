package kernel

// Step is a fault of ours that is to be made so many instructions after an exit of
// a guest, for tests: in the block of the processor that is to make it. Only an
// image that is built for it does.
type Step struct {
	Left   uint64 // instructions until then, 0: nothing is ordered
	Reason uint64 // of the exit that they are counted from, AnyReason, or Above
	Skip   uint64 // exits with it that pass first
	Kind   uint64 // a Slip
	Target uint64 // register, byte behind RIP, page, or address
	Bit    uint64
	Again  uint64 // instructions after the reset that follows until the next fault, 0: none comes; of SlipTold see there
	Count  uint64 // faults made
	Fired  uint64 // TSC of the last one
	At     uint64 // RIP where it was made
	Code   uint64 // byte of code that is damaged and will be put right when that is noticed
	Byte   uint64 // what it was
	Each   uint64 // not 0: what Left is at the beginning of an exit or section; with less left, one has ended before the fault
}

// AnyReason as the reason of a Step is every exit.
const AnyReason = ^uint64(0)

// Section as the reason of a Step is a part of ours that says itself where it begins
// and ends: see Enter.
func Section(n uint64) uint64 { return sections | n }

// sections is more than exit reasons have bits; abi has it too.
const sections = 1 << 16

// Above as the reason of a Step is every exit of VPs whose VPIDs are above one.
func Above(vpid uint16) uint64 { return AnyReason&^0xffff | uint64(vpid) }

// Kinds of faults.
const (
	SlipNone     = iota
	SlipStop     // the program counter becomes 0
	SlipRegister // a bit of a register flips: 0 to 14 as in Crash.Regs, RSP, RIP, flags
	SlipCode     // a bit of the code at RIP flips, until something is noticed
	SlipRot      // the same, and stays
	SlipVolatile // a bit of a volatile page flips
	SlipKept     // a bit of kept state flips
	SlipHang     // a loop without end
	SlipPanic    // an exception that becomes a Go panic
	SlipFail     // an invariant that does not hold
	SlipReboot   // the same, and no reset makes it good
	SlipDecay    // a bit of any page of code or constants flips, and stays
	SlipTold     // as SlipCode, and told of: so many instructions later, 0: before any processor enters a guest
	NumSlips
)

// Order arranges for a fault on c.
func (c *CPU) Order(s *Step) {
	s.Count, s.Fired, s.At = c.Step.Count, c.Step.Fired, c.Step.At
	left := s.Left
	c.Step.Left, s.Left = 0, 0
	c.Step = *s
	c.Step.Left = left
}
