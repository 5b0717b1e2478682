//go:build !metal

package apic

import (
	"slices"
	"testing"
)

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s writes\n%q, want\n%q", what, got, want)
	}
}

func TestStart(t *testing.T) {
	f := newFake(t, true, true)
	f.isr = []uint8{0x21, 0x60}
	Start(0x20)
	expect(t, "Start, x2APIC", f.take(), "base=0xfee00900", "base=0xfee00d00", "0x8=0x0", "0xf=0x1ff",
		"0x35=0x10000", "0x37=0x10000", "0x28=0x0", "0x32=0x40020", "deadline=0")
	if len(f.isr) != 0 || !X2() || ID() != 5 {
		t.Errorf("in service %v, x2APIC %v, ID %d", f.isr, X2(), ID())
	}

	f = newFake(t, false, false)
	Start(0x20)
	expect(t, "Start, xAPIC", f.take(), "0xe=0xffffffff", "0xd=0x0", "0x8=0x0", "0xf=0x1ff",
		"0x35=0x10000", "0x37=0x10000", "0x28=0x0", "0x3e=0xb", "0x38=0x0", "0x32=0x20",
		"0x32=0x10020", "0x38=0xffffffff", "0x38=0x0", "0x32=0x20")
	if X2() || ID() != 5 || rate>>24 != 1<<6-1 && rate>>24 != 1<<6 {
		t.Errorf("x2APIC %v, ID %d, rate %#x", X2(), ID(), rate)
	}
}

func TestSend(t *testing.T) {
	f := newFake(t, true, true)
	Start(0x20)
	f.take()
	SendIPI(0x123, 0x21)
	SendNMI(1)
	SendINIT(2)
	SendSIPI(2, 9)
	NMIOthers()
	expect(t, "x2APIC", f.take(), "0x30=0x12300004021", "0x30=0x100004400", "0x30=0x200004500", "0x30=0x200004609", "0x30=0xc4400")

	f = newFake(t, false, true)
	Start(0x20)
	f.take()
	SendIPI(3, 0x21)
	NMIOthers()
	expect(t, "xAPIC", f.take(), "0x31=0x3000000", "0x30=0x4021", "0x31=0x0", "0x30=0xc4400")
}

func TestInService(t *testing.T) {
	f := newFake(t, true, true)
	Start(0x20)
	if InService() != 0 {
		t.Error("something is in service")
	}
	f.isr = []uint8{0x20, 0x3f, 0x40, 0xdf}
	for _, want := range []uint8{0xdf, 0x40, 0x3f, 0x20, 0} {
		if got := InService(); got != want {
			t.Errorf("in service %#x, want %#x", got, want)
		}
		EOI()
	}
	f.isr = []uint8{0x20, 0x3f, 0x40}
	if n := EndAll(); n != 3 || len(f.isr) != 0 {
		t.Errorf("ended %d, left %v", n, f.isr)
	}
}

func TestTimer(t *testing.T) {
	f := newFake(t, true, true)
	Start(0x20)
	f.take()
	SetDeadline(12345)
	ClearTimer()
	expect(t, "deadline mode", f.take(), "deadline=12345", "deadline=0")

	f = newFake(t, true, false)
	Start(0x20)
	f.take()
	rate = 1 << 30 // a quarter
	f.tsc = 900
	SetDeadline(5000)
	SetDeadline(0)
	SetDeadline(1 << 62)
	ClearTimer()
	expect(t, "one-shot mode", f.take(), "0x38=0x3e9", "0x38=0x1", "0x38=0xffffffff", "0x38=0x0")
}

func TestLines(t *testing.T) {
	f := newFake(t, true, true)
	if n := StartLines([]Chip{{0xfec00000, 0}, {0xfec10000, 24}}); n != 2 {
		t.Fatalf("%d chips", n)
	}
	if l := f.take(); len(l) != 2*(24+8) || l[0] != "io0 0x10=0x10000" || l[63] != "io1 0x1f=0x0" {
		t.Errorf("StartLines writes %q", l)
	}
	if Pins(0) != 24 || Pins(24) != 8 || Pins(1) != 0 || Pins(32) != 0 {
		t.Error("Pins")
	}
	if !Route(26, 0x4a, 3, true, true, false) || !Route(4, 0x34, 1, false, false, true) {
		t.Error("Route refuses")
	}
	expect(t, "Route", f.take(), "io1 0x14=0x1a04a", "io1 0x15=0x3000000", "io1 0x14=0xa04a", "io0 0x18=0x10034", "io0 0x19=0x1000000")
	Unmask(4)
	Mask(26)
	Unmask(26)
	expect(t, "Mask", f.take(), "io0 0x18=0x34", "io1 0x14=0x1a04a", "io1 0x14=0xa04a")
	if e, ok := Read(26); !ok || e != 0x03000000_0000a04a {
		t.Errorf("Read: %#x, %v", e, ok)
	}
	Mask(32)
	if Route(32, 0x50, 0, false, false, false) || Route(4, 0x34, 256, false, false, false) {
		t.Error("routes what cannot be routed")
	}
	if _, ok := Read(32); ok || f.take() != nil {
		t.Error("a line that does not exist is touched")
	}
}
