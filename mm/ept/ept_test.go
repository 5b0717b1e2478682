//go:build !metal

package ept

import (
	"fmt"
	"slices"
	"testing"

	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/mm/phys"
)

const (
	kib = 1 << 10
	mib = 1 << 20
	gib = 1 << 30
	tib = 1 << 40
)

// begin pretends a machine with an arena of n pages and a processor with pages
// up to a level, and returns an empty table of partition 6.
func begin(t testing.TB, pages uint64, level uint) *Table {
	t.Helper()
	if err := phys.Fake(64 * mib); err != nil {
		t.Fatal(err)
	}
	if err := kept.Start(mib, pages*addr.PageSize); err != nil {
		t.Fatal(err)
	}
	fakeLargest = level
	table, err := New(7)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// mapped is one page that a table maps.
type mapped struct {
	gpa  addr.GPA
	hpa  addr.HPA
	size uint64
	p    Perm
	m    MemType
}

func (m mapped) String() string {
	return fmt.Sprintf("%#x→%#x+%#x %v %v", uint64(m.gpa), uint64(m.hpa), m.size, m.p, m.m)
}

// all returns every page that t maps.
func all(t *Table) (list []mapped) {
	Each(t.Pointer(), func(gpa addr.GPA, hpa addr.HPA, size uint64, p Perm, m MemType) {
		list = append(list, mapped{gpa, hpa, size, p, m})
	})
	return list
}

func TestChanges(t *testing.T) {
	type step func(*Table) error
	mapIt := func(gpa addr.GPA, hpa addr.HPA, size uint64, p Perm, m MemType) step {
		return func(t *Table) error { return t.Map(gpa, hpa, size, p, m) }
	}
	unmap := func(gpa addr.GPA, size uint64) step { return func(t *Table) error { return t.Unmap(gpa, size) } }
	protect := func(gpa addr.GPA, size uint64, p Perm) step {
		return func(t *Table) error { return t.Protect(gpa, size, p) }
	}
	for _, c := range []struct {
		name  string
		level uint
		steps []step
		want  []mapped
	}{
		{"nothing", 2, []step{unmap(0, tib), protect(0, tib, R), mapIt(gib, gib, 0, RWX, WB)}, nil},
		{"one page of each size", 2, []step{mapIt(4*kib, 0, 4*kib, RW, WB), mapIt(2*mib, 6*mib, 2*mib, RX, UC), mapIt(gib, 5*gib, gib, R, WC)},
			[]mapped{{4 * kib, 0, 4 * kib, RW, WB}, {2 * mib, 6 * mib, 2 * mib, RX, UC}, {gib, 5 * gib, gib, R, WC}}},
		{"the ends are small", 2, []step{mapIt(2*mib-4*kib, 2*mib-4*kib, 2*mib+8*kib, RWX, WB)},
			[]mapped{{2*mib - 4*kib, 2*mib - 4*kib, 4 * kib, RWX, WB}, {2 * mib, 2 * mib, 2 * mib, RWX, WB}, {4 * mib, 4 * mib, 4 * kib, RWX, WB}}},
		{"alignment of both sides", 2, []step{mapIt(2*mib, mib, 8*kib, RWX, WB), mapIt(gib, 2*mib, 4*mib, RWX, WB)},
			[]mapped{{2 * mib, mib, 4 * kib, RWX, WB}, {2*mib + 4*kib, mib + 4*kib, 4 * kib, RWX, WB}, {gib, 2 * mib, 2 * mib, RWX, WB}, {gib + 2*mib, 4 * mib, 2 * mib, RWX, WB}}},
		{"across 512 GiB", 2, []step{mapIt(511*gib, 511*gib, 2*gib, RW, UC)},
			[]mapped{{511 * gib, 511 * gib, gib, RW, UC}, {512 * gib, 512 * gib, gib, RW, UC}}},
		{"no 1 GiB pages", 1, []step{mapIt(0, gib, 4*mib, RWX, WB)}, []mapped{{0, gib, 2 * mib, RWX, WB}, {2 * mib, gib + 2*mib, 2 * mib, RWX, WB}}},
		{"small pages only", 0, []step{mapIt(2*mib-4*kib, 0, 8*kib, RWX, WB)}, []mapped{{2*mib - 4*kib, 0, 4 * kib, RWX, WB}, {2 * mib, 4 * kib, 4 * kib, RWX, WB}}},
		{"a hole in 2 MiB", 1, []step{mapIt(0, 2*mib, 2*mib, RWX, UC), unmap(4*kib, 2*mib-8*kib)},
			[]mapped{{0, 2 * mib, 4 * kib, RWX, UC}, {2*mib - 4*kib, 4*mib - 4*kib, 4 * kib, RWX, UC}}},
		{"the whole of a table", 2, []step{mapIt(0, 0, 8*kib, RWX, WB), unmap(0, gib)}, nil},
		{"mapped anew", 2, []step{mapIt(0, gib, gib, RWX, WB), mapIt(0, 0, gib, R, UC)}, []mapped{{0, 0, gib, R, UC}}},
		{"protect splits", 2, []step{mapIt(0, 4*mib, 2*mib, RWX, WB), protect(0, 4*kib, R), unmap(8*kib, 2*mib-8*kib)},
			[]mapped{{0, 4 * mib, 4 * kib, R, WB}, {4 * kib, 4*mib + 4*kib, 4 * kib, RWX, WB}}},
		{"protect keeps the type", 2, []step{mapIt(0, 4*mib, 2*mib, RWX, WC), protect(0, gib, RX)}, []mapped{{0, 4 * mib, 2 * mib, RX, WC}}},
		{"execute only", 2, []step{mapIt(0, 0, 4*kib, X, WB)}, []mapped{{0, 0, 4 * kib, X, WB}}},
		{"the last page", 2, []step{mapIt(1<<48-4*kib, 0, 4*kib, RWX, WB)}, []mapped{{1<<48 - 4*kib, 0, 4 * kib, RWX, WB}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := begin(t, 64, c.level)
			for _, s := range c.steps {
				if err := s(e); err != nil {
					t.Fatal(err)
				}
			}
			if got := all(e); !slices.Equal(got, c.want) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

// TestHoleInATebibyte maps all that a large machine may have and takes two pages
// out: neither may cost much.
func TestHoleInATebibyte(t *testing.T) {
	e := begin(t, 32, 2)
	if err := e.Map(0, 0, tib, RWX, UC); err != nil {
		t.Fatal(err)
	}
	for _, gpa := range []addr.GPA{0xfee00000, 0xfec00000} {
		if err := e.Unmap(gpa, addr.PageSize); err != nil {
			t.Fatal(err)
		}
		if _, _, ok := e.Walk(gpa); ok {
			t.Errorf("%#x is still mapped", gpa)
		}
		for _, beside := range []addr.GPA{gpa - 1, gpa + addr.PageSize} {
			if w, level, ok := e.Walk(beside); !ok || level != 0 || w.HPA() != addr.HPA(beside&^0xfff) || w.Mem() != UC || w.Perm() != RWX {
				if level != 1 { // the page before the 2 MiB of the hole is a large one
					t.Errorf("%#x: %#x at level %d, %v", beside, w, level, ok)
				}
			}
		}
	}
	total := uint64(0)
	for _, m := range all(e) {
		if m.hpa != addr.HPA(m.gpa) {
			t.Fatalf("%v is not identity-mapped", m)
		}
		total += m.size
	}
	if want := uint64(tib - 2*addr.PageSize); total != want {
		t.Errorf("%#x bytes mapped, want %#x", total, want)
	}
	// the root, two of 512 GiB, one of 1 GiB, two of 2 MiB
	if got := kept.Owned(7); got != 6 {
		t.Errorf("%d pages of tables, want 6", got)
	}
}

func TestRefuses(t *testing.T) {
	e := begin(t, 8, 2)
	for _, c := range []struct {
		name string
		err  error
	}{
		{"half a page", e.Map(0x800, 0, 4*kib, RWX, WB)},
		{"to half a page", e.Map(0, 0x800, 4*kib, RWX, WB)},
		{"size", e.Map(0, 0, 1, RWX, WB)},
		{"too far", e.Map(1<<48, 0, 4*kib, RWX, WB)},
		{"too long", e.Map(1<<48-4*kib, 0, 8*kib, RWX, WB)},
		{"wraps", e.Map(^addr.GPA(0xfff), 0, 8*kib, RWX, WB)},
		{"beyond the machine", e.Map(0, 1<<46-4*kib, 8*kib, RWX, WB)},
		{"no permission", e.Map(0, 0, 4*kib, 0, WB)},
		{"write only", e.Map(0, 0, 4*kib, W, WB)},
		{"write and execute", e.Map(0, 0, 4*kib, W|X, WB)},
		{"type", e.Map(0, 0, 4*kib, RWX, 2)},
		{"protect to nothing", e.Protect(0, 4*kib, 0)},
		{"unmap half", e.Unmap(0x800, 4*kib)},
	} {
		if c.err == nil {
			t.Errorf("%s was not refused", c.name)
		}
	}
	if got := all(e); got != nil {
		t.Errorf("something is mapped: %v", got)
	}
}

func TestNoRoom(t *testing.T) {
	e := begin(t, 5, 2) // of which two are the arena's own and one is the root table
	if err := e.Map(0, 0, 4*kib, RWX, WB); err == nil {
		t.Fatal("three tables in two pages")
	}
	if got := all(e); got != nil {
		t.Errorf("something is mapped: %v", got)
	}
	kept.FreeOwner(7)
	if got := kept.Owned(7); got != 0 {
		t.Errorf("%d pages are left", got)
	}
}
