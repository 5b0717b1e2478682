// Package pit is the 8254 timer of a PC, with the port that gates its third
// counter.
//
// The one idea: a counter is kept as the TSC value at which it was started, and
// what it shows is a function of that and of the time; so it goes on while
// nobody looks.
//
// A State is kept state: saving it is copying it. Registers follow the data
// sheet of the 82C54; port 0x61 is that of the PC/AT.
package pit

import (
	"math/bits"

	"perdure/partition/tx"
)

// Rate is what the counters count, in Hz.
const Rate = 1193182

// MinPeriod is the shortest time, in TSC ticks, between two interrupts of a
// periodic counter: a guest must be able to run in between.
const MinPeriod = 1 << 14

// State is the chip.
type State struct {
	Hz       uint64 // of the TSC
	Counter  [3]Counter
	Deadline uint64 // TSC value of counter 0's next interrupt, 0: none
	Speaker  uint64 // bits 3:0 of port 0x61; bit 0 is the gate of counter 2
}

// Counter is one of its three.
type Counter struct {
	Mode   uint64 // 0 to 5
	Access uint64 // 1: low byte, 2: high byte, 3: low then high
	BCD    uint64 // 1: it counts in decimal
	Reload uint64 // what it counts down from, 1 to 65536; 0: nothing was written yet
	Start  uint64 // TSC value at which it began from Reload
	Frozen uint64 // 1 + TSC ticks that had passed when its gate was closed; 0: it is open
	Idle   uint64 // 1: it waits for its gate to rise
	Low    uint64 // 0x100 | low byte that waits for its high byte
	High   uint64 // 1: the next read is that of the high byte
	Latch  uint64 // latched count, with latchLow or latchHigh for what was not read yet
	Status uint64 // 0x100 | latched status
}

const (
	latchLow  = 1 << 16
	latchHigh = 1 << 17
	pending   = 0x100 // of Low and Status
)

// Reset puts s into its state after the firmware has run: counter 0 counts 65536
// in mode 3, nobody listens. hz is the TSC's rate.
//
//go:nosplit
func (s *State) Reset(hz, now uint64) {
	s.Hz, s.Deadline, s.Speaker = max(hz, Rate), 0, 0
	for i := range s.Counter {
		c := &s.Counter[i]
		c.Mode, c.Access, c.BCD, c.Reload, c.Start = 3, 3, 0, 1<<16, now
		c.Frozen, c.Idle, c.Low, c.High, c.Latch, c.Status = 0, 0, 0, 0, 0, 0
	}
	s.Counter[2].Frozen = 1
	s.Deadline = now + s.ticks(1<<16)
}

// ticks returns n counts in TSC ticks, rounded up.
//
//go:nosplit
func (s *State) ticks(n uint64) uint64 {
	hi, lo := bits.Mul64(n, s.Hz)
	if hi >= Rate {
		return ^uint64(0)
	}
	q, r := bits.Div64(hi, lo, Rate)
	if r != 0 {
		q++
	}
	return q
}

// counts returns how many counts fit in TSC ticks.
//
//go:nosplit
func (s *State) counts(tsc uint64) uint64 {
	hi, lo := bits.Mul64(tsc, Rate)
	q, _ := bits.Div64(hi, lo, max(s.Hz, Rate))
	return q
}

// passed returns how many counts a counter has made by now.
//
//go:nosplit
func (s *State) passed(c *Counter, now uint64) uint64 {
	switch {
	case c.Frozen != 0:
		return s.counts(c.Frozen - 1)
	case c.Idle != 0 || now < c.Start:
		return 0
	}
	return s.counts(now - c.Start)
}

// count returns what a counter shows.
//
//go:nosplit
func (s *State) count(c *Counter, now uint64) uint64 {
	if c.Reload == 0 {
		return 0
	}
	n, full := s.passed(c, now), full(c.BCD)
	switch c.Mode {
	case 2:
		n = c.Reload - n%c.Reload
	case 3:
		n = c.Reload - n*2%c.Reload&^1
	default:
		n = c.Reload + full - n%full
	}
	n %= full
	if c.BCD != 0 {
		n = n%10 | n/10%10<<4 | n/100%10<<8 | n/1000<<12
	}
	return n
}

// full returns how many values a counter has.
//
//go:nosplit
func full(bcd uint64) uint64 {
	if bcd != 0 {
		return 10000
	}
	return 1 << 16
}

// out returns the level of a counter's output.
//
//go:nosplit
func (s *State) out(c *Counter, now uint64) bool {
	if c.Reload == 0 || c.Idle != 0 {
		return c.Mode != 0
	}
	n := s.passed(c, now)
	switch c.Mode {
	case 2, 3:
		if c.Frozen != 0 {
			return true
		}
	}
	switch c.Mode {
	case 0, 1:
		return n >= c.Reload
	case 2:
		return n%c.Reload != c.Reload-1
	case 3:
		return n%c.Reload < (c.Reload+1)/2
	}
	return n != c.Reload
}

// Expire reports whether counter 0 has raised its output since it was last asked,
// and notes when it does next. A periodic counter that could not be heard for long
// is heard once.
//
//go:nosplit
func (s *State) Expire(t *tx.Log, now uint64) bool {
	if s.Deadline == 0 || now < s.Deadline {
		return false
	}
	c := &s.Counter[0]
	t.Set(&s.Deadline, s.next(c.Mode, c.Reload, c.Start, now))
	return true
}

// next returns when counter 0, that began at start, raises its output next, seen
// from now; 0: not any more.
//
//go:nosplit
func (s *State) next(mode, reload, start, now uint64) uint64 {
	if reload == 0 {
		return 0
	}
	end := start + s.ticks(reload)
	switch mode {
	case 0, 4:
		if now >= end {
			return 0
		}
		return end
	case 2, 3:
		soon := max(now+MinPeriod, end)
		k := max(1, s.counts(soon-1-start)/reload)
		if at := start + s.ticks(k*reload); at >= soon {
			return at
		}
		return start + s.ticks((k+1)*reload)
	}
	return 0 // its gate does not move
}
