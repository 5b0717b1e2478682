package pages

import (
	"math/rand/v2"
	"testing"

	"perdure/mm/addr"
)

// machine is what a processor would do with a Space: stores through an address
// set the dirty bit.
type machine struct {
	*Space
	t *testing.T
}

func (m machine) write(root addr.HPA, va addr.HVA, off addr.HVA, v uint64) bool {
	a := *m.Space
	a.Root = root
	e, level := a.find(va)
	pte := load(e)
	if level != 0 || pte&(Present|Write) != Present|Write {
		return false
	}
	store(e, pte|Dirty|Accessed)
	store(m.at(addr.HPA(pte&FrameMask))+off, v)
	return true
}

func (m machine) read(root addr.HPA, va addr.HVA, off addr.HVA) uint64 {
	a := *m.Space
	a.Root = root
	e, level := a.find(va)
	if level != 0 || load(e)&Present == 0 {
		m.t.Fatalf("%#x is not mapped", va)
	}
	return load(m.at(addr.HPA(load(e)&FrameMask)) + off)
}

// TestGolden takes a golden copy, damages the set in use at random, changes the
// set or copies back, and wants every page as it was.
func TestGolden(t *testing.T) {
	s := home(t, 1200)
	m := machine{s, t}
	var pagesAt []addr.HVA
	add := func(base addr.HVA, n int) {
		for i := range n {
			pagesAt = append(pagesAt, base+addr.HVA(i)*addr.PageSize)
		}
	}
	add(addr.ImageBase+0x5000, 20)
	add(addr.HeapBase, 60)
	add(0x7f0000000000, 5)
	for i, va := range pagesAt {
		if !s.MapNew(va, RW) {
			t.Fatal("no room")
		}
		if i%3 != 0 {
			m.write(s.Root, va, 8, uint64(i)+1)
		}
	}
	s.MapNew(addr.ImageBase, RX)
	s.MapNew(addr.FixedBase, RW)
	s.Direct(0, addr.Page1G, false)
	g := &Golden{Zero: s.Alloc()}
	sparse := addr.HVA(0x7e0000000000)
	if !s.Fill(g, sparse, sparse+8*addr.PageSize, true) || !s.Take(g, addr.FixedBase, addr.FixedBase+addr.Page2M) {
		t.Fatal("no room for the golden copy")
	}
	for i := range g.Logs {
		g.Logs[i] = s.at(s.Alloc())
	}
	if g.Pages != uint64(len(pagesAt)) {
		t.Fatalf("%d volatile pages, want %d", g.Pages, len(pagesAt))
	}
	check := func(round int, set uint64) {
		for i, va := range pagesAt {
			want := uint64(0)
			if i%3 != 0 {
				want = uint64(i) + 1
			}
			if got := m.read(g.Roots[set], va, 8); got != want {
				t.Fatalf("round %d: set %d, %#x holds %#x, want %#x", round, set, va, got, want)
			}
		}
		for i := range addr.HVA(8) {
			if m.write(g.Roots[set], sparse+i*addr.PageSize, 0, 1) {
				t.Fatalf("round %d: set %d, the frame of zeros can be written", round, set)
			}
		}
		if m.write(g.Roots[set], addr.ImageBase, 0, 1) {
			t.Fatal("code can be written")
		}
	}
	check(0, 0)
	check(0, 1)
	set, pristine := uint64(0), true
	for round := 1; round < 200; round++ {
		for range rand.IntN(300) {
			m.write(g.Roots[set], pagesAt[rand.IntN(len(pagesAt))], addr.HVA(rand.IntN(512)*8), rand.Uint64())
		}
		for range rand.IntN(3) {
			va := sparse + addr.HVA(rand.IntN(8))*addr.PageSize
			if rand.IntN(2) == 0 {
				va = 0x7d0000000000 + addr.HVA(rand.IntN(100))<<30
			}
			if !s.Back(g, set, va) || !m.write(g.Roots[set], va, 8, 1) {
				t.Fatalf("round %d: no page for %#x", round, va)
			}
		}
		if pristine {
			set ^= 1
			pristine = false
		} else {
			s.Restore(g, set, 0, g.Pages)
			s.Undo(g, set)
		}
		check(round, set)
		if round%3 != 0 {
			for i := uint64(0); i < g.Pages; i += 7 {
				s.Restore(g, set^1, i, i+7)
			}
			s.Undo(g, set^1)
			check(round, set^1)
			pristine = true
		}
	}
	shared := s.Lookup(addr.FixedBase)
	b := *s
	b.Root = g.Roots[1]
	if got := b.Lookup(addr.FixedBase); got != shared || got&Write == 0 {
		t.Errorf("the fixed region is %#x in one set and %#x in the other", shared, got)
	}
}

func TestProtect(t *testing.T) {
	s := home(t, 16)
	s.Direct(0, addr.Page1G, false)
	s.Protect(4<<20, 8<<20)
	for a, want := range map[addr.HPA]uint64{2 << 20: Write, 4 << 20: 0, 6 << 20: 0, 8 << 20: Write} {
		if got := load(s.Entry(a.HVA(), 1, false)) & Write; got != want {
			t.Errorf("%#x: write %#x, want %#x", a, got, want)
		}
	}
}
