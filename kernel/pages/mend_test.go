package pages

import (
	"testing"

	"perdure/mm/addr"
)

// Damaged code is put right from its copy; constants and what lies about its copy
// are left alone.
func TestMend(t *testing.T) {
	s, g, _ := sealed(t)
	const code, constant = addr.ImageBase + addr.PageSize, addr.ImageBase + 5*addr.PageSize
	word := func(va addr.HVA) addr.HVA { return s.at(addr.HPA(s.Lookup(va)&FrameMask)) + 64 }
	store(word(code), 1)
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
	var r Report
	if s.CheckCopies(g, 0, 1<<20, &r); r.Wrong != 1 {
		t.Errorf("%+v: the constants are still wrong, and nothing else", r)
	}
}
