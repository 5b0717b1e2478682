//go:build !metal

package kept

import (
	"sync"
	"testing"

	"perdure/mm/addr"
)

func TestSeal(t *testing.T) {
	var r record
	r.A = 5
	if Sealed(&r, KindVPs) {
		t.Error("a record that nobody sealed")
	}
	Seal(&r, KindVPs)
	if !Sealed(&r, KindVPs) || r.Seq != 1 {
		t.Errorf("%+v", r)
	}
	if Sealed(&r, KindHost) {
		t.Error("of another kind")
	}
	Seal(&r, KindVPs)
	if !Sealed(&r, KindVPs) || r.Seq != 2 {
		t.Errorf("%+v", r)
	}
	if n := testing.AllocsPerRun(100, func() { Seal(&r, KindVPs); Sealed(&r, KindVPs) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// atRest returns a sealed record, the only one of a table, and where its bits lie and how many.
func atRest(t *testing.T) (r *record, at addr.HPA, bits uint64) {
	begin(t, 9)
	rs, err := Table[record](KindVPs, 1)
	if err != nil {
		t.Fatal(err)
	}
	rs[0] = record{A: 1, B: ^uint64(0), C: [5]uint32{1, 2, 3, 4, 5}}
	Seal(&rs[0], KindVPs)
	at, size, _, _ := Lookup(KindVPs)
	return &rs[0], at, size * 8
}

// TestEveryBitCounts changes every bit of a sealed record, one by one.
func TestEveryBitCounts(t *testing.T) {
	r, at, bits := atRest(t)
	for bit := range bits {
		flip(at, bit)
		if Sealed(r, KindVPs) {
			t.Errorf("bit %d does not count", bit)
		}
		flip(at, bit)
	}
	if !Sealed(r, KindVPs) {
		t.Error("not what it was")
	}
}

// TestCheckFindsDamage changes every bit of a line and of some tags.
func TestCheckFindsDamage(t *testing.T) {
	begin(t, 17)
	if _, err := Table[record](KindVPs, 100); err != nil {
		t.Fatal(err)
	}
	if _, err := Page(3); err != nil {
		t.Fatal(err)
	}
	for bit := range uint64(17 * 32) {
		flip(base+fixedPages*addr.PageSize, bit)
		if r := Check(); r.Wrong != 1 || r.First != base+bit/32*addr.PageSize {
			t.Errorf("bit %d of the tags: %+v", bit, r)
		}
		flip(base+fixedPages*addr.PageSize, bit)
	}
	begins := addr.HPA(base + sizeOf[root]() - sizeOf[directory]() + sizeOf[line]()*uint64(KindVPs))
	for bit := range 8 * sizeOf[line]() {
		flip(begins, bit)
		if r := Check(); r.Wrong == 0 {
			t.Errorf("bit %d of the line: %+v", bit, r)
		}
		flip(begins, bit)
	}
	if r := Check(); r.Wrong != 0 {
		t.Errorf("%+v", r)
	}
}

// TestResetWhileATableIsMade drops the making of a table after its pages were
// claimed, and in the middle of its line.
func TestResetWhileATableIsMade(t *testing.T) {
	begin(t, 17)
	if _, err := Table[record](KindHost, 1); err != nil {
		t.Fatal(err)
	}
	used := Used()
	if _, err := pages(tagFixed, 3); err != nil {
		t.Fatal(err)
	}
	l := &arena.root.Tables[KindVPs]
	l.Kind, l.Offset, l.Stride = KindVPs, 4096, 64
	if r := Check(); r.Wrong != 3 {
		t.Errorf("%+v, want the three pages of nobody", r)
	}
	if n := Repair(); n != 3 || Used() != used {
		t.Errorf("%d repaired, %#x used, want %#x", n, Used(), used)
	}
	if n := Repair(); n != 0 {
		t.Errorf("%d repaired again", n)
	}
	rs, err := Table[record](KindVPs, 100)
	if err != nil || rs[0] != (record{}) {
		t.Errorf("%v", err)
	}
	if r := Check(); r.Wrong != 0 {
		t.Errorf("%+v", r)
	}
}

// TestManyAtOnce lets goroutines take and give pages: none may be had twice.
func TestManyAtOnce(t *testing.T) {
	begin(t, 256)
	var all sync.WaitGroup
	for o := Owner(1); o <= 8; o++ {
		all.Go(func() {
			for round := range 200 {
				n := uint64(round%5 + 1)
				a, err := Pages(o, n)
				if err != nil {
					t.Error(err)
					return
				}
				for k := range addr.HPA(n) {
					if is, ok := OwnerOf(a + k*addr.PageSize); !ok || is != o {
						t.Errorf("a page of %d belongs to %d", o, is)
					}
				}
				if round%3 == 0 {
					FreeOwner(o)
				}
			}
			FreeOwner(o)
		})
	}
	all.Wait()
	if r := Check(); r.Wrong != 0 || Used() != 3*addr.PageSize {
		t.Errorf("%+v, %#x used", r, Used())
	}
}
