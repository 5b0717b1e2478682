package ioapic

import (
	"testing"

	"perdure/partition/tx"
)

// bench is an I/O APIC with the log that a test's accesses go through.
type bench struct {
	s State
	l tx.Log
}

func newBench(pins uint64, backed ...uint64) *bench {
	b := &bench{}
	b.s.Reset(1, pins, 0)
	for _, p := range backed {
		b.s.Back(p)
	}
	return b
}

// w writes an indexed register, r reads one.
func (b *bench) w(reg, val uint32) Effect {
	b.s.Write(&b.l, offSelect, reg)
	b.l.Apply()
	e := b.s.Write(&b.l, offWindow, val)
	b.l.Apply()
	return e
}

func (b *bench) r(reg uint32) uint32 {
	b.s.Write(&b.l, offSelect, reg)
	b.l.Apply()
	return b.s.Read(offWindow)
}

func (b *bench) done(m Message, ok bool) (Message, bool) {
	b.l.Apply()
	return m, ok
}

func (b *bench) irq(pin uint64) (Message, bool)    { return b.done(b.s.Interrupt(&b.l, pin)) }
func (b *bench) assert(pin uint64) (Message, bool) { return b.done(b.s.Assert(&b.l, pin)) }
func (b *bench) pulse(pin uint64) (Message, bool)  { return b.done(b.s.Pulse(&b.l, pin)) }
func (b *bench) deassert(pin uint64)               { b.s.Deassert(&b.l, pin); b.l.Apply() }

// eoi returns the pins at which a vector ended.
func (b *bench) eoi(vec uint8) (list []Ended) {
	for e, ok := b.s.EOI(&b.l, vec, 0); ok; e, ok = b.s.EOI(&b.l, vec, e.Pin+1) {
		list = append(list, e)
	}
	b.l.Apply()
	return list
}

// entry gives the numbers of a pin's two registers.
func entry(pin uint32) (low, high uint32) { return 0x10 + 2*pin, 0x11 + 2*pin }

func TestRegisters(t *testing.T) {
	b := newBench(24, 9)
	low, high := entry(9)
	if e := b.w(high, 0x5affffff); e != (Effect{Kind: Pin, Pin: 9, Backed: true}) {
		t.Errorf("high half: %+v", e)
	}
	if e := b.w(low, 0xfffeffff); e != (Effect{Kind: Pin, Pin: 9, Backed: true}) {
		t.Errorf("low half: %+v", e)
	}
	b.w(0, 0xff000000)
	for _, tt := range []struct{ reg, want uint32 }{
		{0, 0x0f000000}, {1, 0x170020}, {2, 0x0f000000}, {3, 0xffffffff}, {0x0f, 0xffffffff},
		{low, 0xafff}, {high, 0x5a000000}, // delivery status and remote IRR are read-only
		{0x10, 0x10000}, {0x3f, 0}, {0x40, 0xffffffff}, {0xff, 0xffffffff},
	} {
		if got := b.r(tt.reg); got != tt.want {
			t.Errorf("register %#x reads %#x, want %#x", tt.reg, got, tt.want)
		}
	}
	for _, tt := range [][2]uint32{{0, 0xff}, {0x20, 0}, {0x40, 0}, {0x11, 0}} {
		if got := b.s.Read(tt[0]); got != tt[1] {
			t.Errorf("offset %#x reads %#x, want %#x", tt[0], got, tt[1])
		}
	}
	if e := b.w(1, 0); e != (Effect{}) {
		t.Errorf("version is writable: %+v", e)
	}
	if e := b.w(0x40, 0x31); e != (Effect{}) {
		t.Errorf("a pin beyond the last: %+v", e)
	}
	big := newBench(120)
	big.w(0xff, 0x01000000)
	if got := big.r(1); got != 0x770020 {
		t.Errorf("version of 120 pins is %#x", got)
	}
}

func TestEdge(t *testing.T) {
	b := newBench(24, 4)
	low, high := entry(4)
	if _, ok := b.irq(4); ok {
		t.Error("a masked pin interrupts")
	}
	if got := b.s.Physical(4); got != (Line{Masked: true}) {
		t.Errorf("line %+v", got)
	}
	b.w(high, 3<<24)
	b.w(low, 0x31)
	for range 2 { // no EOI is needed in between
		if m, ok := b.irq(4); !ok || m != (Message{Vector: 0x31, Dest: 3}) {
			t.Errorf("%+v, %v", m, ok)
		}
	}
	if got := b.s.Physical(4); got != (Line{}) {
		t.Errorf("line %+v", got)
	}
	if got := b.eoi(0x31); got != nil {
		t.Errorf("an edge's EOI: %+v", got)
	}
	b.w(low, 0x2931|1<<13) // logical, lowest priority, active low
	if m, ok := b.pulse(4); !ok || m != (Message{Vector: 0x31, Dest: 3, Mode: 1, Logical: true}) {
		t.Errorf("%+v, %v", m, ok)
	}
	if got := b.s.Physical(4); got != (Line{ActiveLow: true}) {
		t.Errorf("line %+v", got)
	}
	for _, val := range []uint32{0x731, 0x231, 0x00f} { // ExtINT, SMI, a vector that is none
		if b.w(low, val); b.s.Physical(4).Masked == false {
			t.Errorf("entry %#x leaves the line open", val)
		}
		if _, ok := b.irq(4); ok {
			t.Errorf("entry %#x interrupts", val)
		}
	}
	if b.w(low, 0x8400); true { // NMI is an edge whatever bit 15 says
		if m, ok := b.irq(4); !ok || m != (Message{Dest: 3, Mode: 4}) {
			t.Errorf("NMI: %+v, %v", m, ok)
		}
		if b.r(low)&rteRemote != 0 {
			t.Error("NMI set the remote IRR")
		}
	}
	if _, ok := b.irq(24); ok {
		t.Error("a pin beyond the last interrupts")
	}
}

func TestLevelBacked(t *testing.T) {
	b := newBench(24, 10, 11)
	low, _ := entry(10)
	b.w(low, 0xa051) // level, active low
	open, shut := Line{Level: true, ActiveLow: true}, Line{Level: true, ActiveLow: true, Masked: true}
	line := func(when string, want Line) {
		t.Helper()
		if got := b.s.Physical(10); got != want {
			t.Errorf("%s: %+v, want %+v", when, got, want)
		}
	}
	line("at first", open)
	if m, ok := b.irq(10); !ok || m != (Message{Vector: 0x51, Level: true}) {
		t.Errorf("%+v, %v", m, ok)
	}
	line("in flight", shut)
	if b.r(low) != 0xe051 {
		t.Errorf("entry %#x", b.r(low))
	}
	if _, ok := b.irq(10); ok {
		t.Error("it interrupts again before the EOI")
	}
	if got := b.eoi(0x50); got != nil {
		t.Errorf("another vector's EOI: %+v", got)
	}
	b.w(low, 0x1a051) // the guest masks while it handles it
	line("masked", shut)
	if got := b.eoi(0x51); len(got) != 1 || got[0] != (Ended{Pin: 10, Backed: true}) {
		t.Errorf("EOI: %+v", got)
	}
	line("ended, masked", shut)
	if e := b.w(low, 0xa051); e != (Effect{Kind: Pin, Pin: 10, Backed: true}) {
		t.Errorf("unmask: %+v", e)
	}
	line("unmasked", open)

	b.irq(10)
	b.w(low, 0x12051) // mask, edge: ends it without an EOI
	b.w(low, 0xa051)
	line("after the switch to edge and back", open)

	low11, _ := entry(11)
	b.w(low11, 0xa051) // two pins, one vector
	b.irq(10)
	b.irq(11)
	if got := b.eoi(0x51); len(got) != 2 || got[1] != (Ended{Pin: 11, Backed: true}) {
		t.Errorf("EOI: %+v", got)
	}
	b.irq(10)
	if e := b.s.Write(&b.l, offEOI, 0x51); e != (Effect{Kind: EOI, Vector: 0x51}) {
		t.Errorf("EOI register: %+v", e)
	}
}

func TestLevelVirtual(t *testing.T) {
	b := newBench(120)
	low, _ := entry(119)
	msg := Message{Vector: 0x51, Level: true}
	if _, ok := b.assert(119); ok {
		t.Error("a masked pin interrupts")
	}
	if e := b.w(low&0xff, 0x8051); !e.Deliver || e.Message != msg {
		t.Errorf("unmask of an asserted line: %+v", e)
	}
	if _, ok := b.assert(119); ok {
		t.Error("it interrupts again before the EOI")
	}
	if got := b.eoi(0x51); len(got) != 1 || got[0] != (Ended{Pin: 119, Again: true, Message: msg}) {
		t.Errorf("EOI with the line asserted: %+v", got)
	}
	b.deassert(119)
	if got := b.eoi(0x51); len(got) != 1 || got[0] != (Ended{Pin: 119}) {
		t.Errorf("EOI: %+v", got)
	}
	if m, ok := b.assert(119); !ok || m != msg {
		t.Errorf("%+v, %v", m, ok)
	}
	if _, ok := b.pulse(119); ok {
		t.Error("a pulse on a level pin")
	}
}
