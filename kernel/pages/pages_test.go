package pages

import (
	"testing"
	"unsafe"

	"perdure/mm/addr"
)

// home returns a space over n frames of ordinary memory that pretend to be the
// physical addresses from 0; frame 0 is not given out.
func home(t *testing.T, n int) *Space {
	mem := make([]byte, (n+2)*addr.PageSize)
	t.Cleanup(func() { clear(mem) })
	base := (addr.HVA(uintptr(unsafe.Pointer(&mem[0]))) + addr.PageSize - 1) &^ (addr.PageSize - 1)
	s := &Space{Window: base, Next: addr.PageSize, End: addr.HPA(n) * addr.PageSize}
	s.Root = s.Alloc()
	return s
}

func TestMap(t *testing.T) {
	s := home(t, 64)
	cases := []struct {
		va    addr.HVA
		pa    addr.HPA
		flags uint64
	}{
		{addr.ImageBase, 0x12000, RX},
		{addr.ImageBase + 0x1ff000, 0x13000, RW},
		{addr.FixedBase, 0x14000, RO},
		{addr.HeapBase, 0x15000, RW},
		{addr.DirectBase + 0x7fff_ffff_f000, 0x16000, RW},
	}
	for _, c := range cases {
		if !s.Map(c.va, c.pa, c.flags) {
			t.Fatalf("no room for %#x", c.va)
		}
	}
	for _, c := range cases {
		if got, want := s.Lookup(c.va), uint64(c.pa)|c.flags; got != want {
			t.Errorf("%#x is %#x, want %#x", c.va, got, want)
		}
		if got := s.Lookup(c.va ^ addr.PageSize); got != 0 {
			t.Errorf("the neighbour of %#x is %#x, want nothing", c.va, got)
		}
	}
	s.Unmap(addr.HeapBase)
	if got := s.Lookup(addr.HeapBase); got != 0 {
		t.Errorf("after Unmap: %#x", got)
	}
}

func TestAHomeEnds(t *testing.T) {
	s := home(t, 6)
	if !s.MapNew(addr.HeapBase, RW) { // three tables and the page
		t.Fatal("the first page finds no room")
	}
	if s.MapNew(addr.HeapBase+addr.PageSize, RW) {
		t.Error("a page from a full home")
	}
	if s.Next != s.End {
		t.Errorf("next %#x, want %#x", s.Next, s.End)
	}
}

func TestDirect(t *testing.T) {
	s := home(t, 16)
	if !s.Direct(addr.Page1G, 3*addr.Page1G, false) || !s.Direct(4*addr.Page1G, 6*addr.Page1G, true) {
		t.Fatal("no room")
	}
	for _, c := range []struct {
		a     addr.HPA
		level uint
	}{{addr.Page1G, 1}, {3*addr.Page1G - addr.Page2M, 1}, {5 * addr.Page1G, 2}} {
		got := load(s.Entry(c.a.HVA(), c.level, false))
		if want := uint64(c.a) | Present | Write | Large; got != want {
			t.Errorf("%#x: %#x, want %#x", c.a, got, want)
		}
	}
	if s.Entry(addr.HPA(5*addr.Page1G).HVA(), 0, false) != 0 {
		t.Error("a page table below a 1 GiB page")
	}
}
