//go:build !metal

package ept

import (
	"testing"

	"perdure/mm/addr"
	"perdure/mm/kept"
)

func TestMemory(t *testing.T) {
	e := begin(t, 64, 2)
	for _, m := range []mapped{
		{0, 4 * gib, 4 * kib, RWX, WB}, {4 * kib, 8 * kib, 4 * kib, RX, WB}, {8 * kib, 0xfee00000, 4 * kib, RWX, UC},
		{2 * mib, 6 * mib, 2 * mib, RW, WB}, {gib, 5 * gib, gib, RWX, WB}, {2 * gib, 6 * gib, gib, RWX, WC},
	} {
		if err := e.Map(m.gpa, m.hpa, m.size, m.p, m.m); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		gpa  addr.GPA
		want addr.HPA
		ok   bool
	}{
		{0, 4 * gib, true}, {0xfff, 4*gib + 0xfff, true},
		{4 * kib, 8 * kib, false},    // not to be written
		{8 * kib, 0xfee00000, false}, // a device
		{12 * kib, 0, false},         // nothing
		{2*mib + 0x12345, 6*mib + 0x12345, true},
		{4 * mib, 0, false},
		{gib + 0x3fffffff, 5*gib + 0x3fffffff, true},
		{2 * gib, 6 * gib, false},
		{1 << 47, 0, false}, {1 << 48, 0, false}, {^addr.GPA(0), 0, false},
	} {
		got, ok := Memory(e.Pointer(), c.gpa)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%#x: %#x, %v; want %#x, %v", c.gpa, got, ok, c.want, c.ok)
		}
	}
}

func TestMemoryAllocatesNothing(t *testing.T) {
	e := begin(t, 64, 2)
	if err := e.Map(0, 0, gib, RWX, WB); err != nil {
		t.Fatal(err)
	}
	p := e.Pointer()
	if n := testing.AllocsPerRun(100, func() { Memory(p, 0x1234) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestOpen(t *testing.T) {
	e := begin(t, 64, 2)
	e.Track(true)
	if got := e.Pointer() & 0xfff; got != 0x5e { // write-back walk, four levels, accessed and dirty flags
		t.Errorf("pointer's low bits: %#x", got)
	}
	e.Track(false)
	if got := e.Pointer() & 0xfff; got != 0x1e {
		t.Errorf("pointer's low bits: %#x", got)
	}
	again := Open(e.Pointer())
	if err := again.Map(0, gib, 4*kib, RWX, WB); err != nil {
		t.Fatal(err)
	}
	if got := kept.Owned(7); got != 4 {
		t.Errorf("%d pages, want 4: what an opened table needs belongs to its partition", got)
	}
	n := uint64(0)
	Tables(e.Pointer(), func(a addr.HPA) {
		if o, ok := kept.OwnerOf(a); !ok || o != 7 {
			t.Errorf("table %#x belongs to %d, %v", a, o, ok)
		}
		n++
	})
	if n != 4 {
		t.Errorf("%d tables, want 4", n)
	}
}
