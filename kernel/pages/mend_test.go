package pages

import (
	"testing"

	"perdure/mm/addr"
)

// Damaged code is put right from its copy, and constants if they have one; what lies
// about its copy is left alone.
func TestMend(t *testing.T) {
	s, g, _ := sealed(t)
	const code, constant = addr.ImageBase + addr.PageSize, addr.ImageBase + 5*addr.PageSize
	word := func(va addr.HVA) addr.HVA { return s.at(addr.HPA(s.Lookup(va)&FrameMask)) + 64 }
	store(word(code), 1)
	store(word(constant), 1)
	if mended, _ := s.MendAt(g, constant); !mended || load(word(constant)) != 0 {
		t.Error("constants are not put right")
	}
	for i := range addr.HVA(4) { // as if there had been no room
		store(s.at(g.Table)+addr.HVA((g.Pages+4)*entrySize)+i*entrySize+entrySpare, 0)
	}
	g.Sum = s.tableSum(g)
	store(word(constant), 1)
	for _, at := range []addr.HVA{addr.ImageBase + 8, addr.HeapBase} {
		if mended, lost := s.MendAt(g, at); mended || lost {
			t.Errorf("%#x: put right what was right", at)
		}
	}
	if mended, lost := s.MendAt(g, constant); mended || !lost {
		t.Error("constants cannot be put right")
	}
	if mended, _ := s.MendAt(g, code+77); !mended || load(word(code)) != 0 {
		t.Error("the page is not put right")
	}
	store(word(code), 1)
	next, mended, lost := s.Mend(g, 0, 1)
	if next == 0 || mended != 0 || lost != 0 {
		t.Errorf("the first step: next %d, %d put right", next, mended)
	}
	if next, mended, lost = s.Mend(g, next, 1000); next != 0 || mended != 1 || lost != 1 {
		t.Errorf("the rest: next %d, %d put right, %d not", next, mended, lost)
	}
	store(word(code), 1)
	s.Overwrite(g)
	if load(word(code)) != 0 || load(word(constant)) != 1 {
		t.Error("what has a second copy is not overwritten with it")
	}
	var r Report
	if s.CheckCopies(g, 0, 1<<20, &r); r.Wrong != 1 {
		t.Errorf("%+v: the constants are still wrong, and nothing else", r)
	}
}

// Of the page that waits and its golden copy one puts the other right; what is right
// in neither is counted and left alone.
func TestMendCopies(t *testing.T) {
	s, g, _ := sealed(t)
	const used, unused = addr.HeapBase + addr.PageSize, addr.HeapBase + 3*addr.PageSize
	waiting := s.set(g, 1)
	word := func(va addr.HVA) addr.HVA { return s.at(addr.HPA(waiting.Lookup(va)&FrameMask)) + 64 }
	copyOf := func(va addr.HVA) addr.HVA {
		for i := uint64(0); i < g.Pages; i++ {
			if e := s.at(g.Table) + addr.HVA(i*entrySize); addr.HVA(load(e+entryVA)) == va {
				return s.at(addr.HPA(load(e+entryCopy))) + 64
			}
		}
		t.Fatal("no such page")
		return 0
	}
	look := func(pristine bool, wantMended, wantLost uint64) {
		t.Helper()
		mended, lost := uint64(0), uint64(0)
		for next, more := uint64(0), true; more; more = next != 0 {
			var n, l uint64
			next, n, l = s.MendCopies(g, 1, pristine, next, 2)
			mended, lost = mended+n, lost+l
		}
		if mended != wantMended || lost != wantLost {
			t.Errorf("%d mended, %d lost; want %d and %d", mended, lost, wantMended, wantLost)
		}
	}
	look(true, 0, 0)
	was := load(word(used))
	for i, at := range []addr.HVA{word(used), word(unused), copyOf(used)} {
		store(at, load(at)^1<<40)
		look(false, 0, uint64(i/2)) // the other set is not what it was
		look(true, 1, 0)
		look(true, 0, 0)
	}
	if load(word(used)) != was || load(copyOf(used)) != was || load(word(unused)) != 0 {
		t.Error("not as it was")
	}
	store(word(used), was^1)
	store(copyOf(used), was^2)
	look(true, 0, 1)
}
