package lapic

import "testing"

func TestPriority(t *testing.T) {
	b := newX2(t, 0)
	for _, v := range []uint64{0x31, 0x35, 0x62, 0xfe} {
		b.s.Request(v, false)
	}
	b.accept(0xfe)
	b.accept(-1) // a class of its own: nothing above it
	b.w(0x80b, 0)
	b.w(0x808, 0x60) // class 6 is not above class 6
	b.accept(-1)
	b.w(0x808, 0x5f)
	if got := b.r(0x80a); got != 0x5f {
		t.Errorf("PPR is %#x, want the TPR", got)
	}
	b.accept(0x62)
	if got := b.r(0x80a); got != 0x60 {
		t.Errorf("PPR is %#x, want the class in service", got)
	}
	b.w(0x80b, 0)
	b.w(0x808, 0)
	b.accept(0x35)
	b.accept(-1) // 0x31 is of the same class
	if got := [2]uint64{b.r(0x811), b.r(0x821)}; got != [2]uint64{1 << 0x15, 1 << 0x11} {
		t.Errorf("ISR, IRR are %#x", got)
	}
	b.w(0x80b, 0)
	b.accept(0x31)
	b.w(0x80b, 0)
	if e := b.w(0x80b, 0); e != (Effect{}) || b.s.Waiting() {
		t.Errorf("EOI with nothing in service: %+v", e)
	}
	if b.s.WriteCR8(&b.l, 16) || !b.s.WriteCR8(&b.l, 7) {
		t.Error("CR8 takes 0 to 15")
	}
	if b.l.Apply(); b.s.ReadCR8() != 7 || b.r(0x808) != 0x70 {
		t.Error("CR8 is not the TPR's class")
	}
}

func TestLevel(t *testing.T) {
	b := newX2(t, 0)
	b.s.Request(0x51, true)
	if b.r(0x81a) != 1<<0x11 {
		t.Error("TMR not set")
	}
	b.accept(0x51)
	if e := b.w(0x80b, 0); e != (Effect{Kind: EOI, Vector: 0x51}) {
		t.Errorf("EOI: %+v", e)
	}
	b.s.Request(0x51, false)
	b.accept(0x51)
	if e := b.w(0x80b, 0); e != (Effect{}) {
		t.Errorf("EOI of an edge: %+v", e)
	}
}

func TestErrors(t *testing.T) {
	b := newX2(t, 0)
	b.w(0x837, 0xe3)
	if e := b.w(0x830, 0xc); e != (Effect{}) {
		t.Errorf("an IPI with vector 12: %+v", e)
	}
	if b.s.Request(0xf, false) {
		t.Error("vector 15 accepted")
	}
	if b.r(0x828) != 0 {
		t.Error("ESR shows errors that were not latched")
	}
	b.accept(0xe3)
	b.w(0x828, 0)
	if got := b.r(0x828); got != ErrSendIllegal|ErrReceiveIllegal {
		t.Errorf("ESR is %#x", got)
	}
	b.w(0x828, 0)
	if got := b.r(0x828); got != 0 {
		t.Errorf("ESR is %#x after a second write", got)
	}
}
