package pages

import (
	"testing"

	"perdure/mm/addr"
)

// sealed returns a small instance whose golden copy has been taken, and its bounds.
func sealed(t *testing.T) (*Space, *Golden, Bounds) {
	s := home(t, 1024)
	b := Bounds{Home: 0, HomeEnd: 4 << 20, Fixed: addr.FixedBase, FixedEnd: addr.FixedBase + addr.Page2M}
	for i := range addr.HVA(4) {
		s.MapNew(addr.ImageBase+i*addr.PageSize, RX)
		s.MapNew(addr.ImageBase+(4+i)*addr.PageSize, RO)
		s.MapNew(addr.HeapBase+i*addr.PageSize, RW)
		s.MapNew(addr.FixedBase+2*i*addr.PageSize, RW)
	}
	m := machine{s, t}
	for i := range addr.HVA(3) {
		m.write(s.Root, addr.HeapBase+i*addr.PageSize, 8, 5)
	}
	g := &Golden{Zero: s.Alloc()}
	s.Direct(0, addr.Page1G, false)
	s.Restrict(addr.DirectBase, NX)
	const sparse = 0x7e0000000000
	if !s.Fill(g, sparse, sparse+8*addr.PageSize, true) || !s.Take(g, b.Fixed, b.FixedEnd) {
		t.Fatal("no room")
	}
	s.Protect(b.Home, b.HomeEnd)
	return s, g, b
}

// set returns the address space of one of the sets.
func (s *Space) set(g *Golden, i int) *Space { return &Space{Window: s.Window, Root: g.Roots[i]} }

func TestRights(t *testing.T) {
	for _, c := range []struct {
		name string
		hurt func(s *Space, g *Golden)
		want addr.HVA // the first that is wrong, 0: nothing is
	}{
		{"nothing", func(*Space, *Golden) {}, 0},
		{"code that can be written", func(s *Space, g *Golden) {
			e := s.set(g, 1).Entry(addr.ImageBase, 0, false)
			store(e, load(e)|Write)
		}, addr.ImageBase},
		{"heap that can be run", func(s *Space, g *Golden) {
			e := s.Entry(addr.HeapBase, 0, false)
			store(e, load(e)&^NX)
		}, addr.HeapBase},
		{"the direct map of the home", func(s *Space, g *Golden) {
			e := s.Entry(addr.HPA(addr.Page2M).HVA(), 1, false)
			store(e, load(e)|Write)
		}, addr.HPA(addr.Page2M).HVA()},
		{"the user's", func(s *Space, g *Golden) {
			va := addr.HeapBase
			for level := uint(0); level < 4; level++ {
				e := s.Entry(va, level, false)
				store(e, load(e)|User)
			}
		}, addr.HeapBase},
		{"two ways to write a page", func(s *Space, g *Golden) {
			pa := addr.HPA(s.Lookup(addr.HeapBase) & FrameMask)
			store(s.Entry(addr.HeapBase+8*addr.PageSize, 0, false), uint64(pa)|RW)
		}, addr.HeapBase + 8*addr.PageSize},
		{"a page of the other set", func(s *Space, g *Golden) {
			pa := addr.HPA(s.Lookup(addr.HeapBase) & FrameMask)
			store(s.set(g, 1).Entry(addr.HeapBase, 0, false), uint64(pa)|RW)
		}, addr.HeapBase},
		{"a golden copy", func(s *Space, g *Golden) {
			pa := load(s.at(g.Table) + entryCopy)
			store(s.Entry(addr.HeapBase, 0, false), pa|RW)
		}, addr.HeapBase},
		{"a page table", func(s *Space, g *Golden) {
			store(s.Entry(addr.HeapBase, 0, false), uint64(s.Root)|RW)
		}, addr.HeapBase},
		{"memory of somebody else", func(s *Space, g *Golden) {
			store(s.Entry(addr.HeapBase, 0, false), 8<<20|RW)
		}, addr.HeapBase},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, g, b := sealed(t)
			c.hurt(s, g)
			r := s.CheckRights(g, b)
			if wrong := r.Wrong != 0; wrong != (c.want != 0) || r.First != uint64(c.want) {
				t.Errorf("%d of %d wrong, first %#x, want %#x", r.Wrong, r.Examined, r.First, c.want)
			}
			if want := uint64(2 * (4 + 4 + 4 + 4 + 8 + 512)); r.Examined < want || r.Examined > want+2 {
				t.Errorf("%d entries, want %d", r.Examined, want)
			}
		})
	}
	s, g, b := sealed(t)
	m := *s
	m.Alloc()
	m.Map(0, m.Alloc(), RO)
	if r := m.CheckRights(g, b); r.Wrong != 1 || r.First != 0 {
		t.Errorf("page 0: %+v", r)
	}
}

func TestCopies(t *testing.T) {
	s, g, _ := sealed(t)
	whole := func() (r Report, steps int) {
		at := uint64(0)
		for {
			steps++
			if at = s.CheckCopies(g, at, 3, &r); at == 0 {
				return r, steps
			}
		}
	}
	// Three pages with content, code and constants, the table, the zeros.
	if r, steps := whole(); r.Wrong != 0 || r.Examined != 3+8+2 || steps != 4 {
		t.Fatalf("%+v in %d steps", r, steps)
	}
	code := s.at(addr.HPA(s.Lookup(addr.ImageBase+addr.PageSize) & FrameMask))
	copied := s.at(addr.HPA(load(s.at(g.Table) + entryCopy)))
	for at, want := range map[addr.HVA]addr.HVA{
		code + 0x123*8: addr.ImageBase + addr.PageSize, copied: addr.HeapBase, copied + 511*8: addr.HeapBase,
		s.at(g.Zero) + 8: s.at(g.Zero), s.at(g.Table) + 32: s.at(g.Table),
	} {
		for bit := range 64 {
			old := load(at)
			store(at, old^1<<bit)
			if r, _ := whole(); r.Wrong == 0 || r.First != uint64(want) {
				t.Errorf("bit %d of %#x: %+v, want %#x", bit, at, r, want)
			}
			store(at, old)
		}
	}
}

func TestGuard(t *testing.T) {
	s, g, _ := sealed(t)
	var r Report
	s.CheckGuard(g, addr.FixedBase+addr.PageSize, &r)
	s.CheckGuard(g, 0x700000000000, &r)
	if r.Wrong != 0 || r.Examined != 4 {
		t.Errorf("%+v", r)
	}
	s.CheckGuard(g, addr.FixedBase+2*addr.PageSize, &r)
	if r.Wrong != 2 || r.First != uint64(addr.FixedBase+2*addr.PageSize) {
		t.Errorf("%+v", r)
	}
}
