//go:build !metal

package mm

import (
	"slices"
	"testing"

	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/mm/phys"
)

func TestAsk(t *testing.T) {
	begin(t, small())
	for _, c := range []struct {
		at   addr.HPA
		want Owner
	}{{0, Free}, {0x9f000, 0}, {0xf0000, 0}, {mib, Free}, {222*mib - 1, Free}, {222 * mib, Home}, {254*mib - 1, Home}, {acpi, Firmware},
		{256 * mib, 0}, {0xfee00000, 0}, {4*gib - 1, 0}, {4 * gib, Free}, {4*gib + 256*mib, 0}, {1 << 60, 0}} {
		if o, ok := OwnerOf(c.at.Frame()); o != c.want || ok != (c.want != 0) {
			t.Errorf("%#x: %v, %v; want %v", c.at, o, ok, c.want)
		}
	}
	for _, c := range []struct {
		start     addr.HPA
		size      uint64
		has, lack addr.HPA // 0: none
	}{
		{0, gib, 213*mib - 4*kib, 0x9f000}, {5 * mib, 4 * kib, 0, 5 * mib}, {6 * mib, mib, 0, 0}, {200 * mib, 20 * mib, 213*mib - 4*kib, 213*mib - 4*kib},
		{222*mib - 1, 2, 222 * mib, 222 * mib}, {3 * gib, gib, 0, 3 * gib}, {4 * gib, 256 * mib, 0, 0}, {4 * gib, 256*mib + 1, 0, 4*gib + 256*mib}, {mib, 0, 0, 0},
	} {
		if at, has := Has(c.start, c.size, Home, Kept); at != c.has || has != (c.has != 0) {
			t.Errorf("%#x+%#x has %#x, %v; want %#x", c.start, c.size, at, has, c.has)
		}
		if at, lack := HasNot(c.start, c.size, Free); at != c.lack || lack != (c.lack != 0) {
			t.Errorf("%#x+%#x has not %#x, %v; want %#x", c.start, c.size, at, lack, c.lack)
		}
	}
}

func TestWalk(t *testing.T) {
	begin(t, small())
	var got []extent
	err := Walk(mib, 4*gib+mib, func(at addr.HPA, size uint64, o Owner) error {
		got = append(got, extent{at, at + addr.HPA(size), o})
		return nil
	})
	want := []extent{
		{mib, 2 * mib, Free}, {2 * mib, 5*mib + 4*kib, Loader},
		{5*mib + 4*kib, 213*mib - 4*kib, Free}, {213*mib - 4*kib, 221*mib - 4*kib, Kept}, {221*mib - 4*kib, 221 * mib, Loader},
		{221 * mib, 222 * mib, Free}, {222 * mib, 254 * mib, Home}, {254 * mib, acpi, Free}, {acpi, 256 * mib, Firmware},
		{256 * mib, 4 * gib, 0}, {4 * gib, 4*gib + mib, Free},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v\ngot  %v\nwant %v", err, got, want)
	}
	if err := Walk(0, mib, func(addr.HPA, uint64, Owner) error { return errFull }); err != errFull {
		t.Error(err)
	}
}

func TestBytes(t *testing.T) {
	begin(t, small())
	b := Bytes(4*gib, 16)
	if len(b) != 16 {
		t.Fatalf("%d bytes", len(b))
	}
	phys.Store(4*gib+8, 0x11)
	if b[8] != 0x11 {
		t.Error("other memory")
	}
	for _, c := range []struct {
		at addr.HPA
		n  uint64
	}{{5*gib - 1, 2}, {5 * gib, 1}, {^addr.HPA(0), 2}, {0, 0}, {0, 6 * gib}, {4096, ^uint64(0)}, {222 * mib, 1}, {222*mib - 1, 2}, {254*mib - 1, 1}, {220 * mib, 64 * mib}, {kept.Root(), 1}, {0, gib}} {
		if Bytes(c.at, c.n) != nil {
			t.Errorf("%d bytes at %#x", c.n, c.at)
		}
	}
	for _, at := range []addr.HPA{222*mib - 1, 254 * mib, 5*gib - 1} {
		if len(Bytes(at, 1)) != 1 {
			t.Errorf("no byte at %#x", at)
		}
	}
}
