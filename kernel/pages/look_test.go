package pages

import (
	"runtime"
	"testing"

	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// Every bit of a page of code that flips is seen, and that page is named; constants are
// looked at by themselves; what has no good copy is nobody's business here.
func TestLook(t *testing.T) {
	s, g, _ := sealed(t)
	const code, constant = addr.ImageBase + addr.PageSize, addr.ImageBase + 5*addr.PageSize
	at := func(va addr.HVA) addr.HVA { return s.at(addr.HPA(s.Lookup(va) & FrameMask)) }
	look := func(constants bool) (found addr.HVA) {
		for next := uint64(0); ; {
			if next, found = s.Look(g, constants, next, 1); next == 0 || found != 0 {
				return found
			}
		}
	}
	for bit := range uint64(addr.PageSize * 8) {
		word := at(code) + addr.HVA(bit/64*8)
		was := load(word)
		store(word, was^1<<(bit%64))
		if x86.FoldPage(uintptr(at(code))) == x86.FoldPage(uintptr(at(code+addr.PageSize))) && bit < 64 {
			t.Fatal("two pages that differ have the same sum")
		}
		if bit%97 == 0 && (look(false) != code || !s.LookAt(g, code+77) || s.LookAt(g, code+addr.PageSize)) {
			t.Fatalf("bit %d: the page is not named", bit)
		}
		if s.mendable(s.at(g.Table)+addr.HVA((g.Pages+1)*entrySize)) == false {
			t.Fatalf("bit %d is not seen", bit)
		}
		store(word, was)
	}
	if look(false) != 0 || look(true) != 0 {
		t.Error("found what is not")
	}
	store(at(constant), load(at(constant))^1)
	if look(false) != 0 || look(true) != constant || s.LookAt(g, constant) {
		t.Error("constants are not looked at by themselves")
	}
	if _, n, _ := s.Mend(g, 0, 1000); n != 1 || look(true) != 0 {
		t.Errorf("%d pages put right", n)
	}
	store(at(code), load(at(code))^1)
	spare := s.at(addr.HPA(load(s.at(g.Table) + addr.HVA((g.Pages+1)*entrySize+entrySpare))))
	store(spare, load(spare)^2)
	if look(false) != 0 {
		t.Error("a page that cannot be put right")
	}
}

// If one of the two sums of a page is wrong, or the code that makes it, the other one decides.
func TestEitherSum(t *testing.T) {
	s, g, _ := sealed(t)
	for _, word := range []addr.HVA{entryFold, entrySum} {
		e := s.at(g.Table) + addr.HVA((g.Pages+1)*entrySize)
		page := s.at(addr.HPA(load(e + entryCopy)))
		store(e+word, load(e+word)^1)
		if s.mendable(e) || s.mend(g, g.Pages+1) != pageGood {
			t.Errorf("word %d: found what is not", word)
		}
		store(page, load(page)^1<<40)
		if !s.mendable(e) || s.mend(g, g.Pages+1) != pageMended || s.mendable(e) {
			t.Errorf("word %d: damage is not put right", word)
		}
		store(e+word, load(e+word)^1)
	}
}

// Where the code of sums lies is found without its being called.
func TestSumPageAt(t *testing.T) {
	if got := runtime.FuncForPC(uintptr(sumPageAt())).Name(); got != "perdure/kernel/pages.sumPage" {
		t.Errorf("it is %s that lies there", got)
	}
}
