//go:build !metal

package kept

import (
	"testing"
	"unsafe"

	"perdure/mm/addr"
)

var memory [64 + 1][addr.PageSize]byte

// fresh returns the address of an empty arena of 64 pages.
func fresh(t *testing.T) addr.HPA {
	t.Helper()
	p := (uintptr(unsafe.Pointer(&memory)) + addr.PageSize - 1) &^ (addr.PageSize - 1)
	for i := range memory {
		for j := range memory[i] {
			memory[i][j] = 0xee
		}
	}
	base := addr.HVA(p).HPA()
	if err := Create(base, 64*addr.PageSize); err != nil {
		t.Fatal(err)
	}
	return base
}

type record struct {
	Header
	A, B uint64
	C    [4]uint32
}

func TestTable(t *testing.T) {
	base := fresh(t)
	a, err := Table[record](KindVPs, 5)
	if err != nil {
		t.Fatal(err)
	}
	if len(a) != 5 || a[4] != (record{}) {
		t.Errorf("%d records, the last %v", len(a), a[4])
	}
	a[3].B = 42
	if err := Adopt(base); err != nil {
		t.Fatal(err)
	}
	b, err := Table[record](KindVPs, 5)
	if err != nil || b[3].B != 42 {
		t.Errorf("after another life: %v, %v", b, err)
	}
	if _, err := Table[record](KindVPs, 6); err != errLayout {
		t.Errorf("another number of records: %v", err)
	}
	if _, err := Table[[2]uint64](KindVPs, 5); err != errLayout {
		t.Errorf("another size of records: %v", err)
	}
	if _, err := Table[[addr.PageSize]byte](KindHost, 64); err != errFull {
		t.Errorf("more than there is: %v", err)
	}
	c, err := Table[uint64](KindTimers, 1)
	if err != nil || uintptr(unsafe.Pointer(&c[0]))%addr.PageSize != 0 || &c[0] == &b[0].A {
		t.Errorf("second table: %v", err)
	}
}

func TestAdoptRefuses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(r *root)
		want  error
	}{
		{"no magic", func(r *root) { r.Magic = 0 }, errForeign},
		{"another version", func(r *root) { r.Version++ }, errForeign},
		{"moved", func(r *root) { r.Base += addr.PageSize }, errForeign},
		{"a bit of the directory", func(r *root) { r.Tables[7].Stride ^= 1 << 40 }, errDamaged},
		{"the sum", func(r *root) { r.Sum ^= 1 }, errDamaged},
		{"the size", func(r *root) { r.Header.Size = 8 }, errDamaged},
		{"nothing", func(r *root) {}, nil},
	} {
		base := fresh(t)
		tt.spoil(arena.r)
		if err := Adopt(base); err != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestPages(t *testing.T) {
	base := fresh(t)
	const me, you = Owner(1), Owner(2)
	a, err := Page(me)
	if err != nil || a != base+63*addr.PageSize {
		t.Fatalf("first page %#x, %v", a, err)
	}
	b, _ := Pages(you, 4)
	if b != base+59*addr.PageSize || OwnerOf(b) != you || OwnerOf(b+3*addr.PageSize) != you {
		t.Errorf("four pages at %#x", b)
	}
	if rootAt(b).Magic != 0 {
		t.Error("a page was not zero")
	}
	c, _ := Page(me)
	if n := FreeAll(you); n != 4 {
		t.Errorf("%d pages freed", n)
	}
	if d, _ := Pages(me, 5); d == a || d == c || OwnerOf(d) != me || d != base+53*addr.PageSize {
		t.Errorf("five pages at %#x", d) // the gap holds four
	}
	if d, _ := Pages(you, 4); d != b {
		t.Errorf("the gap was not used again: %#x", d)
	}
	Free(a)
	if d, _ := Page(you); d != a {
		t.Errorf("a freed page was not used again: %#x", d)
	}
	for {
		if _, err = Page(me); err != nil {
			break
		}
	}
	if used, all := Used(); err != errFull || used != all || all != 64*addr.PageSize {
		t.Errorf("full: %v, %d of %d bytes", err, used, all)
	}
	if n := FreeAll(Arena); n != 0 || Adopt(base) != nil {
		t.Error("the arena's own pages were freed")
	}
	Free(base)
	if OwnerOf(base) != Arena {
		t.Error("the root page was freed")
	}
}

// TestTablesAndPagesMeet fills the arena from both ends.
func TestTablesAndPagesMeet(t *testing.T) {
	fresh(t)
	if _, err := Pages(1, 50); err != nil {
		t.Fatal(err)
	}
	if _, err := Table[[addr.PageSize]byte](KindHost, 13); err != errFull {
		t.Errorf("13 pages of records where 12 are left: %v", err)
	}
	if _, err := Table[[addr.PageSize]byte](KindHost, 12); err != nil {
		t.Errorf("12 pages of records: %v", err)
	}
	if _, err := Page(1); err != errFull {
		t.Errorf("a page where none is left: %v", err)
	}
}

// TestSealSeesEveryBit turns each bit of a sealed record.
func TestSealSeesEveryBit(t *testing.T) {
	r := record{A: 1, B: 2, C: [4]uint32{3, 4, 5, 6}}
	r.Init(KindTimers, uint64(unsafe.Sizeof(r)))
	if r.Check() {
		t.Error("a record that was never sealed is right")
	}
	r.Seal()
	if !r.Check() {
		t.Fatal("a sealed record is wrong")
	}
	words := (*[unsafe.Sizeof(r) / 8]uint64)(unsafe.Pointer(&r))
	for i := range words {
		for b := range 64 {
			words[i] ^= 1 << b
			if r.Check() {
				t.Errorf("bit %d of word %d can turn unseen", b, i)
			}
			words[i] ^= 1 << b
		}
	}
}

func TestNoPointers(t *testing.T) {
	type bad struct {
		A uint64
		B [3]struct{ C *int }
	}
	if err := NoPointers[bad](); err == nil || err.Error() != "kept.bad.B[].C is a ptr: it may not be kept" {
		t.Errorf("a pointer: %v", err)
	}
	for _, err := range []error{NoPointers[string](), NoPointers[[]byte](), NoPointers[func()](), NoPointers[int](), NoPointers[any]()} {
		if err == nil {
			t.Error("a reference was allowed")
		}
	}
	if err := NoPointers[root](); err != nil {
		t.Error(err)
	}
}
