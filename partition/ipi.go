package partition

import (
	"math/bits"
	"sync/atomic"

	"perdure/kernel/console"
	"perdure/partition/ioapic"
	"perdure/partition/lapic"
	"perdure/partition/tx"
)

// lapicEffect carries out what an access to v's local APIC means for others, as
// part of the same commit.
//
//go:nosplit
func (v *VP) lapicEffect(c *CPU, e *lapic.Effect) Verdict {
	if e.Kind == lapic.IPI {
		v.send(c, e)
		return Advance | Changes
	}
	v.consider() // priorities may have changed
	switch e.Kind {
	case lapic.EOI:
		v.endInterrupt(c, e.Vector)
	case lapic.Timer:
		return v.timerChanged(c)
	}
	return Advance | Changes
}

// timerChanged has the physical timer set anew after the commit.
//
//go:nosplit
func (v *VP) timerChanged(c *CPU) Verdict {
	c.Rearm = 1
	return Advance | Changes
}

// send notes an IPI at every VP that it goes to.
//
//go:nosplit
func (v *VP) send(c *CPU, e *lapic.Effect) {
	p := v.partition()
	for i := uint64(0); i < p.VPs; i++ {
		to := p.VP(i)
		switch e.To {
		case lapic.ToOthers:
			if to == v {
				continue
			}
		case lapic.ToDest:
			if !to.LAPIC.Match(e.Dest, e.Logical) {
				continue
			}
		}
		far.deliver(to, c, &v.Log, e.Mode, e.Vector, false)
		if e.Mode == lapic.Lowest {
			return
		}
	}
}

// far holds what is called from deep in a handler. The linker bounds the stack of
// a chain of direct calls only, and counts the bounds checks at its end; a
// dispatcher has far more (see deepen).
var far = struct {
	deliver func(v *VP, c *CPU, t *tx.Log, mode lapic.Mode, vector uint8, level bool)
	flush   func()
	look    func(c *CPU, now uint64)
}{(*VP).deliver, console.Flush, (*CPU).look}

// deliver notes an interrupt message at v.
//
//go:nosplit
func (v *VP) deliver(c *CPU, t *tx.Log, mode lapic.Mode, vector uint8, level bool) {
	switch mode {
	case lapic.Fixed, lapic.Lowest:
		if !v.LAPIC.Note(t, uint64(vector), level) {
			return
		}
		if t == &v.Log {
			v.consider()
		} else {
			t.Or(&v.Events, EvIntr)
		}
	case lapic.NMI:
		t.Or(&v.Events, EvNMI)
	case lapic.INIT:
		t.Or(&v.Events, EvINIT)
	case lapic.StartUp:
		if v.State != VPWaitSIPI && v.Events&EvINIT == 0 {
			return // it runs already: the second start-up IPI is ignored
		}
		t.Set(&v.SIPI, uint64(vector))
		t.Or(&v.Events, EvSIPI)
	default:
		return
	}
	c.Kicks |= 1 << (v.index() & 63)
}

// message delivers what an I/O APIC pin of p sends.
//
//go:nosplit
func (p *Partition) message(c *CPU, t *tx.Log, m *ioapic.Message) {
	dest := lapic.Widen(m.Dest, m.Logical)
	for i := uint64(0); i < p.VPs; i++ {
		v := p.VP(i)
		if !v.LAPIC.Match(dest, m.Logical) {
			continue
		}
		far.deliver(v, c, t, lapic.Mode(m.Mode), m.Vector, m.Level)
		if lapic.Mode(m.Mode) == lapic.Lowest {
			return
		}
	}
}

// endInterrupt tells the I/O APIC that v ended a level-triggered vector.
//
//go:nosplit
func (v *VP) endInterrupt(c *CPU, vector uint8) {
	p := v.partition()
	if c.Locked == 0 {
		c.lock(p)
	}
	for e, ok := p.IOAPIC.EOI(&v.Log, vector, 0); ok; e, ok = p.IOAPIC.EOI(&v.Log, vector, e.Pin+1) {
		if e.Again {
			p.message(c, &v.Log, &e.Message)
		}
		if e.Backed {
			c.Program |= 1 << (e.Pin & 63)
		}
	}
}

// consider has the interrupts of v, whose exit is being answered, looked at before its next
// entry. It need not be part of the exit's changes: a look too many changes nothing,
// and whoever drops an exit has one made.
//
//go:nosplit
func (v *VP) consider() { atomic.OrUint64(&v.Events, EvIntr) }

// index returns v's index in the table of VPs.
//
//go:nosplit
func (v *VP) index() uint64 { return v.partition().FirstVP + v.ID }

//go:nosplit
func trailing(w uint64) uint64 { return uint64(bits.TrailingZeros64(w)) }
