// Package cmos is the clock of a PC as a guest can read it: no alarms, no
// interrupts, no memory, and nothing that can be set.
//
// The one idea: its registers are a function of the time, so the only thing to
// keep is which of them the guest has chosen.
//
// A State is kept state: saving it is copying it. Registers follow the data
// sheet of the MC146818; the century is where PCs have it.
package cmos

import "perdure/partition/tx"

// State is one guest's clock.
//
// At rest: nothing beyond the record.
type State struct {
	Index uint64 // the register that was chosen
}

// The registers.
const (
	regSeconds = 0x00
	regMinutes = 0x02
	regHours   = 0x04
	regWeekday = 0x06
	regDay     = 0x07
	regMonth   = 0x08
	regYear    = 0x09
	regA       = 0x0a
	regB       = 0x0b
	regD       = 0x0d
	regCentury = 0x32
)

const (
	updating   = 1 << 7 // register A: the time is about to change. Here it never is
	rate       = 0x26   // register A: the divider of a 32.768 kHz crystal
	twentyFour = 1 << 1 // register B
	binary     = 1 << 2 // register B: not decimal digits
	valid      = 1 << 7 // register D: the battery is good
)

// Port is where a register is chosen; it is read at the next one.
const Port = 0x70

const (
	indexMask = 0x7f // the bit above masks NMIs on a PC
	afternoon = 0x80 // of hours, when there are twelve
)

// Has reports whether a port is the clock's.
//
//go:nosplit
func Has(port uint16) bool { return port&^1 == Port }

// Reset puts s into its state after power-up.
//
//go:nosplit
func (s *State) Reset() { s.Index = regD }

// Read reads a port; now is the time in seconds since 1970, UTC.
//
//go:nosplit
func (s *State) Read(port uint16, now uint64) uint8 {
	if port == Port {
		return 0xff // it can only be written
	}
	return register(s.Index, now)
}

// Write writes a port.
//
//go:nosplit
func (s *State) Write(t *tx.Log, port uint16, val uint8) {
	if port == Port {
		t.Set(&s.Index, uint64(val&indexMask))
	}
}

// register returns what a register says at a time.
//
//go:nosplit
func register(index, now uint64) uint8 {
	days := now / 86400
	year, month, day := date(days)
	switch index {
	case regSeconds:
		return digits(now % 60)
	case regMinutes:
		return digits(now / 60 % 60)
	case regHours:
		return digits(now / 3600 % 24)
	case regWeekday:
		return digits((days+4)%7 + 1) // 1970 began with a Thursday; Sunday is 1
	case regDay:
		return digits(day)
	case regMonth:
		return digits(month)
	case regYear:
		return digits(year % 100)
	case regCentury:
		return digits(year / 100 % 100)
	case regA:
		return rate
	case regB:
		return twentyFour
	case regD:
		return valid
	}
	return 0
}

// digits returns n, below 100, as two decimal digits.
//
//go:nosplit
func digits(n uint64) uint8 { return uint8(n/10<<4 | n%10) }
