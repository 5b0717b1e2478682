//go:build !metal

package mm

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"perdure/boot"
	"perdure/kernel"
	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/mm/phys"
)

const (
	kib = 1 << 10
	mib = 1 << 20
	gib = 1 << 30
)

// small is a machine as firmware lists it, with all that firmware likes to do.
func small() Layout {
	return Layout{
		Map: boot.NewMap([]boot.Region{
			{Start: 0, Size: 0x9fc00, Kind: boot.RAM}, {Start: 0x9fc00, Size: 0x400, Kind: boot.Reserved},
			{Start: 0xf0000, Size: 0x10000, Kind: boot.Reserved},
			{Start: mib, Size: 255*mib - 0x20000, Kind: boot.RAM},
			{Start: 256*mib - 0x20000, Size: 0x10000, Kind: boot.ACPI}, {Start: 256*mib - 0x10000, Size: 0x10000, Kind: boot.NVS},
			{Start: 0xfec00000, Size: 0x1000, Kind: boot.Reserved},
			{Start: 4 * gib, Size: 256 * mib, Kind: boot.RAM},
		}),
		Home:   boot.Region{Start: 222 * mib, Size: 32 * mib},
		Loaded: []boot.Region{{Start: 2 * mib, Size: 3*mib + 1}, {Start: 221*mib - 4*kib, Size: 4 * kib}},
	}
}

func begin(t testing.TB, l Layout) {
	t.Helper()
	if err := phys.Fake(5 * gib); err != nil {
		t.Fatal(err)
	}
	if err := Start(l); err != nil {
		t.Fatal(err)
	}
	b := kernel.Boot()
	b.Direct, b.Home, b.HomeSize = 5*gib, l.Home.Start, l.Home.Size
}

// extent is an Extent in bytes.
type extent struct {
	start, end addr.HPA
	o          Owner
}

func (e extent) String() string {
	return fmt.Sprintf("%#x–%#x %v", uint64(e.start), uint64(e.end), e.o)
}

func extents() (list []extent) {
	for _, e := range Extents() {
		list = append(list, extent{e.Start.Addr(), e.End().Addr(), e.Owner})
	}
	return list
}

func expect(t *testing.T, want []extent) {
	t.Helper()
	if got := extents(); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if r := Check(); r.Wrong != 0 {
		t.Errorf("%+v", r)
	}
}

const acpi = 256*mib - 0x20000

func TestStart(t *testing.T) {
	begin(t, small())
	expect(t, []extent{
		{0, 0x9f000, Free}, {mib, 2 * mib, Free}, {2 * mib, 5*mib + 4*kib, Loader},
		{5*mib + 4*kib, 213*mib - 4*kib, Free}, {213*mib - 4*kib, 221*mib - 4*kib, Kept}, {221*mib - 4*kib, 221 * mib, Loader},
		{221 * mib, 222 * mib, Free}, {222 * mib, 254 * mib, Home}, {254 * mib, acpi, Free}, {acpi, 256 * mib, Firmware}, {4 * gib, 4*gib + 256*mib, Free},
	})
	if kept.Root() != 213*mib-4*kib {
		t.Errorf("the arena is at %#x", kept.Root())
	}
	want := Sums{Free: 0x9f000 + 255*mib - 0x20000 + 256*mib - 43*mib - 8*kib, Firmware: 0x20000, Loader: 3*mib + 8*kib, Home: 32 * mib, Kept: 8 * mib}
	if got := Totals(); got != want {
		t.Errorf("got  %d\nwant %d", got, want)
	}
	m := Map(small().Map)
	if !m.Is(213*mib-4*kib, 8*mib, boot.Ours) || !m.Is(222*mib, 32*mib, boot.Ours) || !m.Is(4*gib, 256*mib, boot.RAM) {
		t.Errorf("%#x", m)
	}
}

func TestStartElsewhere(t *testing.T) {
	l := small()
	l.Home = boot.Region{Start: 2 * mib, Size: 4 * mib} // no room below it
	l.Loaded = nil
	begin(t, l)
	if got := kept.Root(); got != acpi-8*mib {
		t.Errorf("the arena is at %#x", got)
	}
	l.Map = boot.Map{{Start: 0, Size: 9 * mib, Kind: boot.RAM}, {Start: 4 * gib, Size: gib, Kind: boot.RAM}}
	if err := Start(l); err == nil || !strings.Contains(err.Error(), "no memory below 4 GiB") {
		t.Errorf("%v", err)
	}
}

func TestAlloc(t *testing.T) {
	begin(t, small())
	before := extents()
	for _, c := range []struct {
		n, align uint64
		limit    addr.HPA
		want     addr.HPA
	}{
		{1, 1, 1 << 52, 4*gib + 256*mib - 4*kib},
		{4 * mib, 2 * mib, 1 << 52, 4*gib + 252*mib},
		{100 * mib, gib, 1 << 52, 4 * gib},
		{32 * mib, 2 * mib, 4 * gib, 180 * mib},
		{mib, 4 * kib, mib + 512*kib, 0},
		{4 * kib, 64 * kib, mib, 0x90000},
		{0x9f000, 0, mib, 0},
		{300 * mib, 0, 1 << 52, 0},
		{0, 0, 1 << 52, 0},
		{4 * kib, 3, 1 << 52, 0},
		{^uint64(0), 0, 1 << 52, 0},
	} {
		at, err := AllocBelow(c.limit, c.n, c.align, Partition(1))
		if at != c.want || (err != nil) != (c.want == 0 && c.n != 0x9f000) {
			t.Errorf("%#x at a multiple of %#x below %#x: %#x, %v; want %#x", c.n, c.align, c.limit, at, err, c.want)
		}
		if err != nil {
			continue
		}
		if o, ok := OwnerOf(at.Frame()); !ok || o != Root+1 {
			t.Errorf("%#x belongs to %v", at, o)
		}
		size := max(c.n, 4*kib)
		if err := Release(at, size+4*kib, Partition(1)); err == nil {
			t.Error("more was freed than was had")
		}
		if err := Release(at, size, Root); err == nil {
			t.Error("somebody else's was freed")
		}
		if err := Release(at, size, Partition(1)); err != nil {
			t.Error(err)
		}
		expect(t, before)
	}
	for _, o := range []Owner{0, Free, numOwners} {
		if _, err := Alloc(4*kib, 0, o); err == nil {
			t.Errorf("memory for owner %d", o)
		}
	}
}

// What is given back soon lies low, and what is large finds its place again.
func TestAllocLow(t *testing.T) {
	begin(t, small())
	before := extents()
	image, err := AllocLow(4*gib, 4*mib, 2*mib, Partition(1))
	if err != nil || image != 6*mib {
		t.Fatalf("%#x, %v", image, err)
	}
	home, err := AllocBelow(4*gib, 32*mib, 2*mib, Partition(1))
	if err != nil || home != 180*mib {
		t.Fatalf("%#x, %v", home, err)
	}
	for _, n := range []uint64{0, gib, ^uint64(0)} {
		if at, err := AllocLow(4*gib, n, 0, Partition(1)); err == nil {
			t.Errorf("%#x bytes at %#x", n, at)
		}
	}
	if err := ReleaseAll(Partition(1)); err != nil {
		t.Error(err)
	}
	expect(t, before)
}

func TestClaim(t *testing.T) {
	begin(t, small())
	before := extents()
	got, err := Claim(0, 214*mib, Root)
	if want := uint64(0x9f000 + 212*mib - 4*kib); got != want || err != nil {
		t.Errorf("%#x claimed, want %#x, %v", got, want, err)
	}
	expect(t, []extent{
		{0, 0x9f000, Root}, {mib, 213*mib - 4*kib, Root}, {213*mib - 4*kib, 221*mib - 4*kib, Kept}, {221*mib - 4*kib, 221 * mib, Loader},
		{221 * mib, 222 * mib, Free}, {222 * mib, 254 * mib, Home}, {254 * mib, acpi, Free}, {acpi, 256 * mib, Firmware}, {4 * gib, 4*gib + 256*mib, Free},
	})
	if err := ReleaseAll(Loader); err != nil {
		t.Error(err)
	}
	if err := ReleaseAll(Root); err != nil {
		t.Error(err)
	}
	if _, err := Claim(2*mib, 3*mib+1, Loader); err != nil {
		t.Error(err)
	}
	if _, err := Claim(221*mib-1, 1, Loader); err != nil {
		t.Error(err)
	}
	expect(t, before)
}
