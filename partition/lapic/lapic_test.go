package lapic

import (
	"testing"

	"perdure/partition/tx"
)

// bench is an APIC with the log that a test's accesses go through.
type bench struct {
	t *testing.T
	s State
	l tx.Log
}

// newX2 returns an APIC in x2APIC mode, software-enabled.
func newX2(t *testing.T, id uint32) *bench {
	b := &bench{t: t}
	b.s.Reset(id, true)
	b.base(BaseAddress | BaseEnable | BaseX2 | BaseBSP)
	b.w(0x80f, 0x1ff)
	return b
}

// newX1 returns an APIC in xAPIC mode, software-enabled.
func newX1(t *testing.T, id uint32) *bench {
	b := &bench{t: t}
	b.s.Reset(id, false)
	b.m(0xf0, 0x1ff)
	return b
}

func (b *bench) base(v uint64) bool {
	ok := b.s.WriteBase(&b.l, v)
	b.l.Apply()
	b.s.Settle()
	return ok
}

// w writes an MSR, which must work; m writes memory.
func (b *bench) w(msr uint32, val uint64) Effect { return b.at(0, msr, val) }

func (b *bench) at(now uint64, msr uint32, val uint64) Effect {
	b.t.Helper()
	e, ok := b.s.WriteMSR(&b.l, msr, val, now)
	if !ok {
		b.t.Errorf("WRMSR %#x, %#x: #GP", msr, val)
	}
	b.l.Apply()
	return e
}

func (b *bench) m(off uint64, val uint32) Effect {
	e := b.s.WriteMMIO(&b.l, off, val, 0)
	b.l.Apply()
	return e
}

func (b *bench) r(msr uint32) uint64 {
	b.t.Helper()
	v, ok := b.s.ReadMSR(msr, 0)
	if !ok {
		b.t.Errorf("RDMSR %#x: #GP", msr)
	}
	return v
}

func (b *bench) accept(want int) {
	b.t.Helper()
	vec := b.s.Highest()
	if vec != want {
		b.t.Errorf("highest is %#x, want %#x", vec, want)
	}
	if vec >= 0 {
		b.s.Accept(uint64(vec))
		b.l.Apply()
	}
}

// SDM Vol. 3A, "Local APIC State After Power-Up or Reset".
func TestReset(t *testing.T) {
	b := newX2(t, 0x25)
	b.s.Reset(0x25, true)
	b.base(BaseAddress | BaseEnable | BaseX2)
	for _, tt := range []struct {
		msr  uint32
		want uint64
	}{
		{0x802, 0x25}, {0x803, 0x50014}, {0x808, 0}, {0x80a, 0}, {0x80d, 0x20020}, {0x80f, 0xff},
		{0x810, 0}, {0x817, 0}, {0x81f, 0}, {0x827, 0}, {0x828, 0}, {0x830, 0},
		{0x832, 0x10000}, {0x833, 0x10000}, {0x834, 0x10000}, {0x835, 0x10000}, {0x836, 0x10000}, {0x837, 0x10000},
		{0x838, 0}, {0x839, 0}, {0x83e, 0},
	} {
		if got := b.r(tt.msr); got != tt.want {
			t.Errorf("MSR %#x is %#x, want %#x", tt.msr, got, tt.want)
		}
	}
	if got := b.s.ReadBase(); got != BaseAddress|BaseEnable|BaseX2|BaseBSP {
		t.Errorf("IA32_APIC_BASE is %#x", got)
	}
}

// SDM Vol. 3A, "x2APIC State Transitions".
func TestModes(t *testing.T) {
	const off, x1, x2 = BaseAddress, BaseAddress | BaseEnable, BaseAddress | BaseEnable | BaseX2
	for _, tt := range []struct {
		name string
		path []uint64
		ok   bool // the last step
	}{
		{"to x2APIC", []uint64{x2}, true},
		{"to x2APIC twice", []uint64{x2, x2}, true},
		{"back to xAPIC", []uint64{x2, x1}, false},
		{"x2APIC off", []uint64{x2, off}, true},
		{"off to xAPIC", []uint64{x2, off, x1}, true},
		{"off to x2APIC", []uint64{off, x2}, false},
		{"extended, not enabled", []uint64{BaseAddress | BaseX2}, false},
		{"another address", []uint64{0xfed00000 | BaseEnable}, false},
		{"reserved bit 9", []uint64{x1 | 1<<9}, false},
		{"reserved bit 0", []uint64{x1 | 1}, false},
		{"reserved bit 52", []uint64{x1 | 1<<52}, false},
	} {
		b := newX1(t, 1)
		ok := true
		for _, v := range tt.path {
			ok = b.base(v)
		}
		if ok != tt.ok {
			t.Errorf("%s: %v, want %v", tt.name, ok, tt.ok)
		}
	}
	b := newX1(t, 1)
	b.s.Request(0x40, false)
	b.base(off)
	if b.s.Highest() >= 0 || b.s.Request(0x50, false) {
		t.Error("an APIC that is off takes or gives interrupts")
	}
	if b.base(x1); b.s.SVR != svrReset || b.s.IRR != [4]uint64{} {
		t.Error("switching off did not reset the registers")
	}
}

func TestReserved(t *testing.T) {
	for _, tt := range []struct {
		msr uint32
		val uint64
	}{
		{0x802, 0}, {0x803, 0}, {0x80a, 0}, {0x80d, 0}, {0x810, 0}, {0x818, 0}, {0x820, 0}, {0x839, 0}, // read-only
		{0x800, 0}, {0x809, 0}, {0x80c, 0}, {0x80e, 0}, {0x82f, 0}, {0x831, 0}, {0x83a, 0}, {0x83d, 0}, // no such register
		{0x808, 0x100}, {0x808, 1 << 32}, {0x80b, 1}, {0x80f, 1 << 12}, {0x828, 1},
		{0x830, 1 << 13}, {0x830, 1 << 16}, {0x830, 1 << 20}, {0x830, 1 << 31},
		{0x832, 1 << 8}, {0x832, 1 << 19}, {0x833, 1 << 17}, {0x834, 1 << 13}, {0x835, 1 << 17}, {0x837, 1 << 8},
		{0x838, 1 << 32}, {0x83e, 4}, {0x83e, 0x10}, {0x83f, 0x100},
	} {
		b := newX2(t, 0)
		was := b.s
		if _, ok := b.s.WriteMSR(&b.l, tt.msr, tt.val, 0); ok {
			t.Errorf("WRMSR %#x, %#x: no #GP", tt.msr, tt.val)
		}
		if b.l.N != 0 || b.s != was {
			t.Errorf("WRMSR %#x, %#x: #GP and a change", tt.msr, tt.val)
		}
	}
	b := newX2(t, 0)
	for _, msr := range []uint32{0x800, 0x801, 0x809, 0x80b, 0x80c, 0x80e, 0x82f, 0x831, 0x83a, 0x83f, 0x840} {
		if _, ok := b.s.ReadMSR(msr, 0); ok {
			t.Errorf("RDMSR %#x: no #GP", msr)
		}
	}
	x1 := newX1(t, 0)
	if _, ok := x1.s.ReadMSR(0x802, 0); ok {
		t.Error("RDMSR in xAPIC mode: no #GP")
	}
}
