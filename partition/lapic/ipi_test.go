package lapic

import "testing"

func TestICR(t *testing.T) {
	ipi := func(e Effect) Effect { e.Kind = IPI; return e }
	for _, tt := range []struct {
		name string
		val  uint64
		want Effect
	}{
		{"fixed, physical", 5<<32 | 0x4031, ipi(Effect{Vector: 0x31, Dest: 5})},
		{"fixed, logical", 0x10003<<32 | 0x4831, ipi(Effect{Vector: 0x31, Logical: true, Dest: 0x10003})},
		{"fixed, broadcast", 0xffffffff<<32 | 0x4031, ipi(Effect{Vector: 0x31, Dest: Broadcast})},
		{"lowest priority", 5<<32 | 0x4131, ipi(Effect{Vector: 0x31, Mode: Lowest, Dest: 5})},
		{"all but self", 0xc4031, ipi(Effect{Vector: 0x31, To: ToOthers})},
		{"all", 0x84031, ipi(Effect{Vector: 0x31, To: ToAll})},
		{"NMI", 5<<32 | 0x4400, ipi(Effect{Mode: NMI, Dest: 5})},
		{"NMI to all but self", 0xc4400, ipi(Effect{Mode: NMI, To: ToOthers})},
		{"INIT", 5<<32 | 0x4500, ipi(Effect{Mode: INIT, Dest: 5})},
		{"INIT, level assert", 5<<32 | 0xc500, ipi(Effect{Mode: INIT, Dest: 5})},
		{"INIT de-assert", 5<<32 | 0x8500, Effect{}},
		{"start-up", 5<<32 | 0x4609, ipi(Effect{Mode: StartUp, Vector: 9, Dest: 5})},
		{"self", 0x44031, Effect{}},
		{"NMI to self", 0x44400, Effect{}},
		{"SMI", 5<<32 | 0x4200, Effect{}},
		{"reserved mode", 5<<32 | 0x4300, Effect{}},
		{"delivery status is dropped", 5<<32 | 0x5031, ipi(Effect{Vector: 0x31, Dest: 5})},
	} {
		b := newX2(t, 0)
		if e := b.w(0x830, tt.val); e != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, e, tt.want)
		}
		if got, want := b.r(0x830), tt.val&^0x1000; got != want {
			t.Errorf("%s: ICR reads %#x, want %#x", tt.name, got, want)
		}
		if self := tt.name == "self"; (b.s.Highest() == 0x31) != self {
			t.Errorf("%s: highest is %#x", tt.name, b.s.Highest())
		}
	}
	b := newX2(t, 0)
	b.w(0x83f, 0x77)
	b.accept(0x77)
}

func TestXAPIC(t *testing.T) {
	b := newX1(t, 3)
	b.m(0x310, 0x05000000)
	if e := b.m(0x300, 0x4031); e != (Effect{Kind: IPI, Vector: 0x31, Dest: 5}) {
		t.Errorf("IPI: %+v", e)
	}
	b.m(0x310, 0xff000000)
	if e := b.m(0x300, 0x4031); e.Dest != Broadcast {
		t.Errorf("broadcast: %+v", e)
	}
	if e := b.m(0x300, 0x4831); e.Dest != 0xff || !e.Logical {
		t.Errorf("logical broadcast: %+v", e)
	}
	b.m(0xd0, 0x5affffff)
	b.m(0xe0, 0)
	b.m(0x80, 0x123)
	b.m(0x3e0, 0xff)
	for _, tt := range []struct {
		off  uint64
		want uint32
	}{
		{0x20, 3 << 24}, {0x30, 0x50014}, {0x80, 0x23}, {0xd0, 0x5a000000}, {0xe0, 0x0fffffff}, {0xf0, 0x1ff},
		{0x300, 0x4831}, {0x310, 0xff000000}, {0x3e0, 0xb}, {0x24, 0}, {0x3f0, 0}, {0x400, 0}, {1 << 40, 0},
	} {
		if got := b.s.ReadMMIO(tt.off, 0); got != tt.want {
			t.Errorf("offset %#x reads %#x, want %#x", tt.off, got, tt.want)
		}
	}
	b.s.Request(0x91, false)
	b.accept(0x91)
	if got := b.s.ReadMMIO(0x140, 0); got != 1<<0x11 {
		t.Errorf("ISR reads %#x", got)
	}
	b.m(0xb0, 0)
	if b.s.ISR != [4]uint64{} {
		t.Error("EOI ended nothing")
	}
	b.m(0x3f0, 0x55) // the self-IPI register is x2APIC's
	b.accept(-1)
}

// SDM Vol. 3A, "Logical Destination Mode" and "Logical Destination Mode in
// x2APIC Mode".
func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		name     string
		x2       bool
		id       uint32
		ldr, dfr uint64
		dest     uint32
		logical  bool
		want     bool
	}{
		{"physical", false, 3, 0, 0, 3, false, true},
		{"physical, other", false, 3, 0, 0, 4, false, false},
		{"broadcast", false, 3, 0, 0, Broadcast, false, true},
		{"flat", false, 3, 8 << 24, dfrReset, 0x0c, true, true},
		{"flat, other", false, 3, 8 << 24, dfrReset, 0x04, true, false},
		{"flat, all", false, 3, 8 << 24, dfrReset, 0xff, true, true},
		{"flat, none yet", false, 3, 0, dfrReset, 0xff, true, false},
		{"cluster", false, 3, 0x24 << 24, 0x0fffffff, 0x26, true, true},
		{"cluster, other member", false, 3, 0x24 << 24, 0x0fffffff, 0x23, true, false},
		{"cluster, other cluster", false, 3, 0x24 << 24, 0x0fffffff, 0x16, true, false},
		{"cluster, all", false, 3, 0x24 << 24, 0x0fffffff, 0xff, true, true},
		{"x2 physical", true, 0x123, 0, 0, 0x123, false, true},
		{"x2 physical, other", true, 0x123, 0, 0, 0x23, false, false},
		{"x2 logical", true, 0x123, 0, 0, 0x12<<16 | 0xf, true, true},
		{"x2 logical, other", true, 0x123, 0, 0, 0x12<<16 | 7, true, false},
		{"x2 logical, other cluster", true, 0x123, 0, 0, 0x11<<16 | 0xf, true, false},
		{"x2 broadcast", true, 0x123, 0, 0, Broadcast, true, true},
	} {
		b := newX1(t, tt.id)
		b.s.LDR, b.s.DFR = tt.ldr, tt.dfr
		if tt.x2 {
			b.base(BaseAddress | BaseEnable | BaseX2)
		}
		if got := b.s.Match(tt.dest, tt.logical); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
