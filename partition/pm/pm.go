// Package pm is the part of ACPI's fixed hardware that a guest has: a power
// button, a way to switch itself off, and a register to reset itself.
//
// The one idea: three words are the whole device, and the interrupt line is a
// function of them.
//
// A State is kept state: saving it is copying it. Registers follow the ACPI
// specification, "PM1 Event Grouping" and "PM1 Control Grouping".
package pm

import "perdure/partition/tx"

// State is one guest's fixed hardware.
//
// At rest: the SCI line is High().
type State struct {
	Status  uint64 // PM1a status: bits that happened
	Enable  uint64 // PM1a enable: bits that interrupt
	Control uint64 // PM1a control as software wrote it
}

// Bits of the registers.
const (
	PowerButton = 1 << 8 // status and enable
	globalLock  = 1 << 5
	timer       = 1 << 0
	sleepButton = 1 << 9
	statusBits  = PowerButton
	enableBits  = PowerButton | globalLock | timer | sleepButton

	sciEnable   = 1 << 0 // control: events raise the SCI, as always here
	sleepShift  = 10
	sleepType   = 7 << sleepShift
	sleepEnable = 1 << 13
)

// Offsets from the first port.
const (
	offStatus  = 0
	offEnable  = 2
	offControl = 4
	offReset   = 8
	Ports      = 9 // how many there are
)

// Effect is what a write means for others.
type Effect struct {
	Sleep bool   // the guest sleeps in the state of type Type
	Reset bool   // Value was written to the reset register
	Type  uint64 // SLP_TYP
	Value uint8
	Level bool // the interrupt line may have changed: it is High() after the log
	High  bool
}

// Reset puts s into its state after power-up.
//
//go:nosplit
func (s *State) Reset() { s.Status, s.Enable, s.Control = 0, 0, sciEnable }

// High returns the level of the SCI line.
//
//go:nosplit
func (s *State) High() bool { return s.Status&s.Enable&statusBits != 0 }

// Read reads size bytes from port off on.
//
//go:nosplit
func (s *State) Read(off uint32, size uint8) uint32 {
	all := s.Status&0xffff | s.Enable&0xffff<<16 | s.Control&0xffff<<32
	if off >= offReset {
		return 0
	}
	return uint32(all >> (8 * off & 63) & (1<<(8*uint64(size)&63) - 1))
}

// Write writes size bytes from port off on.
//
//go:nosplit
func (s *State) Write(t *tx.Log, off uint32, size uint8, val uint32) (e Effect) {
	if off == offReset {
		return Effect{Reset: true, Value: uint8(val)}
	}
	status, enable, control := s.Status, s.Enable, s.Control
	for i := uint32(0); i < uint32(size); i++ {
		b := uint64(val >> (8 * i & 31) & 0xff)
		at := off + i
		shift := 8 * uint64(at&1)
		switch at &^ 1 {
		case offStatus: // writing a one clears
			status &^= b << shift
		case offEnable:
			enable = enable&^(0xff<<shift) | b<<shift
		case offControl:
			control = control&^(0xff<<shift) | b<<shift
		}
	}
	enable &= enableBits
	e.Sleep, e.Type = control&sleepEnable != 0, control&sleepType>>sleepShift
	t.Set(&s.Status, status)
	t.Set(&s.Enable, enable)
	t.Set(&s.Control, control&^sleepEnable|sciEnable)
	e.Level, e.High = true, status&enable&statusBits != 0
	return e
}

// Press notes that the power button was pressed, and returns the line's level.
//
//go:nosplit
func (s *State) Press(t *tx.Log) (high bool) {
	t.Or(&s.Status, PowerButton)
	return s.Enable&PowerButton != 0
}
