package lapic

import "testing"

// fires lets the timer expire at now and reports whether it interrupted.
func (b *bench) fires(now uint64) bool {
	b.s.IRR = [4]uint64{}
	next := b.s.Expire(&b.l, now)
	b.l.Apply()
	if next != b.s.NextDeadline() {
		b.t.Errorf("Expire says %d, NextDeadline %d", next, b.s.NextDeadline())
	}
	return top(&b.s.IRR) == 0x40
}

func (b *bench) count(now uint64) uint64 {
	v, _ := b.s.ReadMSR(0x839, now)
	return v
}

func TestOneShot(t *testing.T) {
	b := newX2(t, 0)
	b.w(0x832, 0x40)
	b.w(0x83e, 0x3) // divide by 16
	b.at(1000, 0x838, 100)
	if d := b.s.NextDeadline(); d != 2600 {
		t.Errorf("deadline %d, want 2600", d)
	}
	for _, tt := range [][2]uint64{{1000, 100}, {1001, 100}, {1016, 99}, {2599, 1}, {2600, 0}, {1 << 40, 0}} {
		if got := b.count(tt[0]); got != tt[1] {
			t.Errorf("at %d the count is %d, want %d", tt[0], got, tt[1])
		}
	}
	if b.fires(2599) || !b.fires(2600) || b.fires(2601) || b.s.NextDeadline() != 0 {
		t.Error("it does not expire once at 2600")
	}
	b.at(3000, 0x838, 100)
	b.at(3800, 0x83e, 0xb) // half of the count at divisor 1
	if d := b.s.NextDeadline(); d != 3850 {
		t.Errorf("deadline %d after the divisor changed, want 3850", d)
	}
	b.at(3800, 0x838, 0)
	if b.s.NextDeadline() != 0 || b.fires(9999) {
		t.Error("count 0 did not stop it")
	}
}

// SDM Vol. 3A, "Divide Configuration Register".
func TestDivide(t *testing.T) {
	for i, want := range []uint{1, 2, 3, 4} {
		if got := shift(uint64(i)); got != uint64(want) {
			t.Errorf("divide %#x: by 2^%d, want 2^%d", i, got, want)
		}
	}
	for i, want := range []uint{5, 6, 7, 0} {
		if got := shift(uint64(8 + i)); got != uint64(want) {
			t.Errorf("divide %#x: by 2^%d, want 2^%d", 8+i, got, want)
		}
	}
}

func TestPeriodic(t *testing.T) {
	const n = 1 << 20
	b := newX2(t, 0)
	b.w(0x832, 0x20040)
	b.w(0x83e, 0xb)
	b.at(0, 0x838, n)
	if !b.fires(n) || b.s.NextDeadline() != 2*n {
		t.Errorf("first tick; next at %d", b.s.NextDeadline())
	}
	if got := b.count(n + 1); got != n-1 {
		t.Errorf("count %d after a tick", got)
	}
	if got := b.count(5*n + 10); got != n-10 {
		t.Errorf("count %d when ticks were missed", got)
	}
	if !b.fires(5*n+10) || b.s.NextDeadline() != 6*n {
		t.Errorf("missed ticks are one; next at %d", b.s.NextDeadline())
	}
	b.at(0, 0x838, 1)
	if d := b.s.NextDeadline(); d != MinPeriod {
		t.Errorf("a period of 1 expires at %d", d)
	}
	if !b.fires(MinPeriod+5) || b.s.NextDeadline() != 2*MinPeriod {
		t.Errorf("then at %d", b.s.NextDeadline())
	}
}

func TestDeadline(t *testing.T) {
	b := newX2(t, 0)
	set := func(val, now uint64) {
		b.s.SetTSCDeadline(&b.l, val, now)
		b.l.Apply()
	}
	set(500, 0)
	if b.s.TSCDeadline() != 0 || b.s.NextDeadline() != 0 {
		t.Error("a deadline in one-shot mode")
	}
	b.w(0x832, 0x40040)
	b.w(0x838, 77)
	if b.r(0x838) != 0 || b.s.NextDeadline() != 0 {
		t.Error("an initial count in deadline mode")
	}
	set(500, 100)
	if b.s.TSCDeadline() != 500 || b.s.NextDeadline() != 500 || b.count(200) != 0 {
		t.Error("not armed")
	}
	if b.fires(499) || !b.fires(500) || b.s.TSCDeadline() != 0 {
		t.Error("it does not expire at 500")
	}
	b.s.IRR = [4]uint64{}
	if set(400, 600); top(&b.s.IRR) != 0x40 || b.s.TSCDeadline() != 0 {
		t.Error("a deadline that has passed does not fire at once")
	}
	set(900, 600)
	b.at(700, 0x832, 0x50040) // masked: it passes unnoticed
	if b.s.NextDeadline() != 0 || b.fires(1000) || b.s.TSCDeadline() != 0 {
		t.Error("masked, and it fires")
	}
	b.at(1000, 0x832, 0x40040)
	set(2000, 1000)
	b.at(1100, 0x832, 0x40) // leaving the mode disarms
	if b.s.NextDeadline() != 0 || b.fires(3000) {
		t.Error("armed after leaving the mode")
	}
}

func TestLateUnmask(t *testing.T) {
	b := newX2(t, 0)
	b.w(0x83e, 0xb)
	b.w(0x832, 0x10040)
	b.at(0, 0x838, 100)
	b.at(200, 0x832, 0x40) // it expired while masked
	if b.s.NextDeadline() != 0 || b.s.Waiting() {
		t.Error("an expiry under the mask interrupts later")
	}
	b.at(1000, 0x838, 100)
	b.at(1200, 0x832, 0x41) // it expired before, and nobody had looked
	if top(&b.s.IRR) != 0x40 || b.s.NextDeadline() != 0 {
		t.Error("an expiry is lost when the entry changes")
	}
}

func TestSoftwareDisable(t *testing.T) {
	b := newX2(t, 0)
	b.w(0x832, 0x40)
	b.s.Request(0x55, false)
	b.w(0x80f, 0xff)
	for r := uint32(0x832); r <= 0x837; r++ {
		if b.r(r)&LVTMasked == 0 {
			t.Errorf("LVT %#x is not masked", r)
		}
	}
	b.w(0x832, 0x40)
	if b.r(0x832) != 0x10040 {
		t.Error("an entry can be unmasked while disabled")
	}
	if b.s.Request(0x66, false) {
		t.Error("accepted while disabled")
	}
	b.accept(0x55) // what was accepted before stays
}
