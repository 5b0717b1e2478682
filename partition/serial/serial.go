// Package serial is a partition's 16550A.
//
// The one idea: sent bytes leave at once, as an Effect; what the guest then
// waits for, a transmitter that takes more, is whether the console has room.
//
// A State is kept state: saving it is copying it. The guest's registers are
// packed into one word, which an access changes at one stroke; bits that others
// set are in Flags, and received bytes are in a ring with one writer and one
// reader. Registers follow the data sheet of the PC16550D.
package serial

import (
	"sync/atomic"

	"perdure/partition/tx"
)

// State is one UART.
type State struct {
	Regs  uint64     // the writable registers, one byte each, at the shifts below
	Flags uint64     // Flag* bits
	Head  uint64     // bytes taken from the ring so far
	Tail  uint64     // bytes put into it so far
	Ring  [32]uint64 // received bytes, eight in a word
}

// ringSize is how many bytes Ring holds; fifoSize what a real receiver holds,
// which loopback is held to.
const (
	ringSize = 32 * 8
	fifoSize = 16
)

// Where State.Regs has its registers.
const (
	shiftIER = 8 * iota
	shiftLCR
	shiftMCR
	shiftSCR
	shiftFCR
	shiftDLL
	shiftDLM
)

// Bits of State.Flags.
const (
	FlagTHRE    = 1 << iota // the transmitter became empty and nobody has looked at IIR since
	FlagWait                // the guest has met no room, sending or looking: Drained will set FlagTHRE
	FlagOverrun             // a received byte was lost
)

// Register offsets from the base port, and their bits.
const (
	regData = 0 // RBR, THR, with DLAB the divisor's low byte
	regIER  = 1 // with DLAB the divisor's high byte
	regIIR  = 2 // FCR when written
	regLCR  = 3
	regMCR  = 4
	regLSR  = 5
	regMSR  = 6
	regSCR  = 7

	ierData   = 1
	ierTHRE   = 2
	ierStatus = 4
	ierBits   = 0xf

	iirNone    = 1
	iirTHRE    = 2
	iirData    = 4
	iirStatus  = 6
	iirTimeout = 12
	iirFIFO    = 0xc0

	fcrEnable  = 1
	fcrClearRX = 2
	fcrKept    = 0xc9

	lcrDLAB = 0x80

	mcrDTR  = 1
	mcrRTS  = 2
	mcrOut1 = 4
	mcrOut2 = 8
	mcrLoop = 0x10
	mcrBits = 0x1f

	lsrData    = 1
	lsrOverrun = 2
	lsrEmpty   = 0x60 // THRE and TEMT

	msrPresent = 0xb0 // CTS, DSR, DCD: somebody is there
)

// Reset puts s into its state after power-up.
//
//go:nosplit
func (s *State) Reset() {
	s.Regs, s.Flags = 12<<shiftDLL, FlagTHRE
	atomic.StoreUint64(&s.Head, s.Tail)
}

// Effect is what an access means for others.
type Effect struct {
	Send bool  // give Byte to the console
	Rise bool  // the interrupt line has a new reason: Assert the pin
	High bool  // the interrupt line's level now; low: Deassert the pin
	Byte uint8 // with Send
}

//go:nosplit
func get(regs uint64, shift uint) uint64 { return regs >> (shift & 63) & 0xff }

//go:nosplit
func put(regs uint64, shift uint, v uint64) uint64 {
	return regs&^(0xff<<(shift&63)) | v&0xff<<(shift&63)
}

// queued returns how many received bytes wait.
//
//go:nosplit
func (s *State) queued() uint64 { return atomic.LoadUint64(&s.Tail) - s.Head }

// reasons returns the interrupt that IIR shows: the highest one enabled.
//
//go:nosplit
func reasons(regs, flags, queued uint64) uint64 {
	ier := get(regs, shiftIER)
	switch {
	case ier&ierStatus != 0 && flags&FlagOverrun != 0:
		return iirStatus
	case ier&ierData != 0 && queued != 0:
		if get(regs, shiftFCR)&fcrEnable != 0 && queued < trigger(regs) {
			return iirTimeout
		}
		return iirData
	case ier&ierTHRE != 0 && flags&FlagTHRE != 0:
		return iirTHRE
	}
	return iirNone
}

// trigger returns how many bytes make the receiver FIFO interrupt as such.
//
//go:nosplit
func trigger(regs uint64) uint64 {
	switch get(regs, shiftFCR) >> 6 {
	case 1:
		return 4
	case 2:
		return 8
	case 3:
		return 14
	}
	return 1
}

// line returns whether the interrupt line is high: a reason, and OUT2, which on
// a PC connects the UART to the interrupt controller.
//
//go:nosplit
func line(regs, flags, queued uint64) bool {
	return reasons(regs, flags, queued) != iirNone && get(regs, shiftMCR)&(mcrOut2|mcrLoop) == mcrOut2
}

// High returns the interrupt line's level.
//
//go:nosplit
func (s *State) High() bool { return line(s.Regs, s.Flags, s.queued()) }

// Receive puts a byte that came from outside into the ring; false: no room, keep
// it. One caller at a time. Afterwards, if High, Assert the pin.
//
//go:nosplit
func (s *State) Receive(b byte) bool {
	tail := s.Tail
	if tail-atomic.LoadUint64(&s.Head) >= ringSize {
		return false
	}
	s.store(tail, b)
	atomic.StoreUint64(&s.Tail, tail+1)
	return true
}

// store writes one byte of the ring.
//
//go:nosplit
func (s *State) store(at uint64, b byte) {
	w := &s.Ring[at>>3&31]
	*w = put(*w, uint(at&7*8), uint64(b))
}

// Waiting reports whether the guest waits for room to send. The dispatcher
// calls Drained whenever this is so and the console has room.
//
//go:nosplit
func (s *State) Waiting() bool { return atomic.LoadUint64(&s.Flags)&FlagWait != 0 }

// Drained tells that the console has room again. Afterwards, if High, Assert
// the pin.
//
//go:nosplit
func (s *State) Drained(t *tx.Log) {
	t.Or(&s.Flags, FlagTHRE)
	t.Clear(&s.Flags, FlagWait)
}
