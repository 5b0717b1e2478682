//go:build !metal

package kept

import (
	"strings"
	"testing"

	"perdure/mm/addr"
	"perdure/mm/phys"
)

const base = 1 << 20

// begin pretends a machine with an empty arena of n pages.
func begin(t testing.TB, n uint64) {
	t.Helper()
	if err := phys.Fake(64 << 20); err != nil {
		t.Fatal(err)
	}
	if err := Start(base, n*addr.PageSize); err != nil {
		t.Fatal(err)
	}
}

// record is a kept record of the tests.
type record struct {
	Header
	A, B uint64
	C    [5]uint32
	_    uint32
}

func TestPages(t *testing.T) {
	begin(t, 17) // three are the arena's own
	phys.Store(base+3*addr.PageSize+8, 1)
	one, err := Page(3)
	if err != nil || !one.Aligned(addr.PageSize) || phys.Load(one+8) != 0 {
		t.Fatalf("%#x %v: not a page of zeros", one, err)
	}
	run, err := Pages(4, 6)
	if err != nil {
		t.Fatal(err)
	}
	if run <= one && run+6*addr.PageSize > one {
		t.Errorf("six pages at %#x contain the one at %#x", run, one)
	}
	for _, c := range []struct {
		at   addr.HPA
		want Owner
		ok   bool
	}{{one, 3, true}, {run, 4, true}, {run + 5*addr.PageSize + 0xfff, 4, true}, {base, 0, false}, {base + addr.PageSize, 0, false},
		{base + 2*addr.PageSize, 0, false}, {base - 1, 0, false}, {base + 17*addr.PageSize, 0, false}} {
		if o, ok := OwnerOf(c.at); o != c.want || ok != c.ok {
			t.Errorf("%#x belongs to %d, %v; want %d, %v", c.at, o, ok, c.want, c.ok)
		}
	}
	if Owned(3) != 1 || Owned(4) != 6 || Owned(5) != 0 || Used() != 10*addr.PageSize || Size() != 17*addr.PageSize {
		t.Errorf("owned %d %d %d, used %#x of %#x", Owned(3), Owned(4), Owned(5), Used(), Size())
	}
	if _, err := Pages(5, 8); err == nil || !strings.Contains(err.Error(), "8 pages in a row are asked for, 7 of 17 are free") {
		t.Errorf("eight of seven: %v", err)
	}
	if n := FreeOwner(4); n != 6 || Owned(4) != 0 || Owned(3) != 1 {
		t.Errorf("%d freed", n)
	}
	if _, err := Pages(5, 8); err != nil {
		t.Errorf("eight of thirteen: %v", err)
	}
	if r := Check(); r.Wrong != 0 || r.Examined != 19 {
		t.Errorf("%+v", r)
	}
}

func TestFree(t *testing.T) {
	begin(t, 9)
	a, _ := Page(3)
	for _, c := range []struct {
		o  Owner
		at addr.HPA
	}{{4, a}, {3, a + 8}, {3, a + addr.PageSize}, {3, base - addr.PageSize}, {3, base + 9*addr.PageSize}, {0xffff, a}, {tagFixed - 1, base}} {
		if Free(c.o, c.at) == nil {
			t.Errorf("page %#x was freed for %d", c.at, c.o)
		}
	}
	if err := Free(3, a); err != nil || Used() != 3*addr.PageSize {
		t.Errorf("%v, %#x used", err, Used())
	}
	if Free(3, a) == nil {
		t.Error("freed twice")
	}
	if _, err := Page(0xffff); err == nil {
		t.Error("an owner that has no code")
	}
}

// TestTheLastRun fills the arena, wherever the search begins, and finds the one hole.
func TestTheLastRun(t *testing.T) {
	begin(t, 35)
	for range 32 {
		if _, err := Page(1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Page(1); err == nil {
		t.Fatal("a page from a full arena")
	}
	for i := range addr.HPA(3) {
		if err := Free(1, base+(9+i)*addr.PageSize); err != nil {
			t.Fatal(err)
		}
	}
	for _, hint := range []uint64{0, 8, 9, 10, 11, 12, 33} {
		arena.hint = hint
		got, err := Pages(2, 3)
		if err != nil || got != base+9*addr.PageSize {
			t.Errorf("from %d: %#x, %v", hint, got, err)
		}
		FreeOwner(2)
	}
}

func TestTable(t *testing.T) {
	begin(t, 16)
	first, err := Table[record](KindVPs, 100)
	if err != nil || len(first) != 100 {
		t.Fatalf("%d records, %v", len(first), err)
	}
	first[99].B = 7
	again, err := Table[record](KindVPs, 100)
	if err != nil || &again[0] != &first[0] || again[99].B != 7 {
		t.Errorf("found again: %v", err)
	}
	for _, c := range []struct {
		name, want string
		err        error
	}{
		{"more", "has 100 records of 64 bytes of version ", get[record](KindVPs, 101)},
		{"wider", "not 100 records of 128 bytes", get[[2]record](KindVPs, 100)},
		{"too many", "no room for the table of partitions, 4096 records of 64 bytes: kept state is full: 64 pages", get[record](KindPartitions, 4096)},
		{"overflow", "no table of", get[[1 << 22]uint64](KindPartitions, 1<<40)},
		{"none", "no table of", get[record](KindPartitions, 0)},
		{"negative", "no table of", get[record](KindPartitions, -1)},
		{"root", "no table of root page", get[record](KindRoot, 1)},
		{"unknown", "no table of unknown", get[record](60, 1)},
		{"odd", "no table of", get[[3]byte](KindHost, 1)},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, c.err)
		}
	}
	at, stride, count, ok := Lookup(KindVPs)
	if !ok || stride != 64 || count != 100 || phys.Load(at+99*64+32) != 7 {
		t.Errorf("%#x %d %d %v", at, stride, count, ok)
	}
	if _, _, _, ok := Lookup(KindHost); ok {
		t.Error("a table that was never made")
	}
	if r := Check(); r.Wrong != 0 {
		t.Errorf("%+v", r)
	}
}

func get[T any](k Kind, n int) error {
	_, err := Table[T](k, n)
	return err
}

// TestAttach is what a next instance does.
func TestAttach(t *testing.T) {
	begin(t, 16)
	rs, err := Table[record](KindHost, 1)
	if err != nil {
		t.Fatal(err)
	}
	rs[0].A = 42
	a, _ := Page(9)
	root := Root()
	arena.root, arena.base, arena.pages, arena.tags = nil, 0, 0, nil
	if _, err := Page(1); err == nil {
		t.Error("a page from no arena")
	}
	if _, err := Table[record](KindHost, 1); err == nil {
		t.Error("a table from no arena")
	}
	if err := Attach(root); err != nil {
		t.Fatal(err)
	}
	if rs, err := Table[record](KindHost, 1); err != nil || rs[0].A != 42 {
		t.Errorf("%v", err)
	}
	if o, ok := OwnerOf(a); !ok || o != 9 || Size() != 16*addr.PageSize {
		t.Errorf("%d %v", o, ok)
	}
	for _, c := range []struct {
		name string
		at   addr.HPA
		hurt addr.HPA // word to change
		want string
	}{
		{"nowhere", 0, 0, "no root page"}, {"odd", root + 8, 0, "no root page"}, {"beside", root + addr.PageSize, 0, "no root page"},
		{"magic", root, root + 24, "no root page"}, {"version", root, root + 32, "another layout"},
		{"base", root, root + 40, "damaged"}, {"size", root, root + 48, "damaged"}, {"sum", root, root, "damaged"}, {"kind", root, root + 16, "damaged"},
		{"directory", root, root + 56, "damaged"},
	} {
		old := phys.Load(max(c.hurt, 8))
		phys.Store(max(c.hurt, 8), old^1<<40)
		if err := Attach(c.at); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		phys.Store(max(c.hurt, 8), old)
	}
}

func TestStartRefuses(t *testing.T) {
	begin(t, 16)
	for _, c := range []struct {
		at   addr.HPA
		size uint64
	}{{base + 8, 16 << 12}, {base, 4097}, {base, 0}, {base, 4096}, {base, 12288}, {base, MaxSize + 4096}} {
		if Start(c.at, c.size) == nil {
			t.Errorf("%#x bytes at %#x", c.size, c.at)
		}
	}
}
