package boot

import (
	"slices"
	"testing"

	"perdure/mm/addr"
)

const (
	kib = 1 << 10
	mib = 1 << 20
	gib = 1 << 30
)

func TestNewMap(t *testing.T) {
	for _, c := range []struct {
		name     string
		in, want Map
	}{
		{"nothing", nil, nil},
		{"empty regions", Map{{4096, 0, RAM}}, nil},
		{"sorted and joined", Map{{mib, mib, RAM}, {0, mib, RAM}, {2 * mib, mib, Reserved}}, Map{{0, 2 * mib, RAM}, {2 * mib, mib, Reserved}}},
		{"the careful claim wins", Map{{0, 4 * mib, RAM}, {mib, mib, Reserved}, {mib + 4*kib, 4 * mib, ACPI}},
			Map{{0, mib, RAM}, {mib, mib, Reserved}, {2 * mib, 3*mib + 4*kib, ACPI}}},
		{"ours before all", Map{{0, 4 * mib, Reserved}, {mib, mib, Ours}, {0, mib, Bad}}, Map{{0, mib, Reserved}, {mib, mib, Ours}, {2 * mib, 2 * mib, Reserved}}},
		{"same twice", Map{{0, mib, RAM}, {0, mib, RAM}}, Map{{0, mib, RAM}}},
		{"wraps", Map{{^addr.HPA(0) - 8191, 1 << 20, Reserved}}, Map{{^addr.HPA(0) - 8191, 4096, Reserved}}},
		{"kind 0 is nothing", Map{{0, mib, 0}, {4096, 4096, RAM}}, Map{{4096, 4096, RAM}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := NewMap(c.in); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestMap(t *testing.T) {
	m := Map{{0, 0x9fc00, RAM}, {0x9fc00, 0x400, Reserved}, {0xe8000, 0x18000, Reserved}, {mib, 1023 * mib, RAM}, {gib, mib, ACPI}, {4 * gib, gib, RAM}}
	if got := m.Overlay(Region{0x1000, 0x1000, Reserved}, Region{gib - 32*mib, 33 * mib, Reserved}, Region{gib, 4096, ACPI}); !slices.Equal(got, Map{
		{0, 0x1000, RAM}, {0x1000, 0x1000, Reserved}, {0x2000, 0x9dc00, RAM}, {0x9fc00, 0x400, Reserved}, {0xe8000, 0x18000, Reserved},
		{mib, 991 * mib, RAM}, {gib - 32*mib, 32 * mib, Reserved}, {gib, 4096, ACPI}, {gib + 4096, mib - 4096, Reserved}, {4 * gib, gib, RAM}}) {
		t.Errorf("overlay: got %v", got)
	}
	ram := uint64(0x9fc00 + 1023*mib + gib)
	if got := m.RAM(^addr.HPA(0)); got != ram {
		t.Errorf("RAM: got %#x, want %#x", got, ram)
	}
	if got := m.RAM(2 * mib); got != 0x9fc00+mib {
		t.Errorf("RAM below 2 MiB: got %#x", got)
	}
	if m.Top() != 5*gib {
		t.Errorf("top: got %#x", m.Top())
	}
	for _, c := range []struct {
		n    uint64
		want addr.HPA
	}{{512 * mib, 512 * mib}, {1023 * mib, 1022 * mib}, {1024 * mib, gib}, {1026 * mib, 4*gib + 2*mib}, {1536 * mib, 4*gib + 512*mib}, {9 * gib, 5 * gib}, {0, 0}} {
		if got := m.Limit(c.n); got != c.want {
			t.Errorf("limit of %d MiB: got %#x, want %#x", c.n/mib, got, c.want)
		}
	}
	if !m.Is(mib, 1023*mib, RAM) || m.Is(mib, 1024*mib, RAM) || m.Is(0xa0000, 1, Reserved) || m.Is(0, ^uint64(0), RAM) {
		t.Error("Is is wrong")
	}
}
