package boot

import (
	"slices"

	"perdure/mm/addr"
)

// Kind says what a region of physical memory is good for. The numbers are those
// of the BIOS memory map, which Linux's e820 table uses too.
type Kind uint32

// Kinds of memory. ACPI, "System Address Map Interfaces", Table "Address Range Types".
const (
	_        Kind = iota
	RAM           // free to use
	Reserved      // not to be used
	ACPI          // tables; RAM once the tables have been read
	NVS           // firmware keeps data there over sleep
	Bad           // RAM with errors
	Disabled      // RAM that is not on
	PMem          // persistent
	Ours          // the hypervisor's: no partition may touch it; not a BIOS number
)

// String returns the name of k as a log line wants it.
func (k Kind) String() string {
	switch k {
	case RAM:
		return "RAM"
	case ACPI:
		return "ACPI"
	case NVS:
		return "NVS"
	case Bad:
		return "bad"
	case PMem:
		return "persistent"
	case Ours:
		return "hypervisor"
	}
	return "reserved"
}

// rank orders kinds for bytes that several regions claim: the more careful
// claim wins, as in Linux's e820.
func (k Kind) rank() int {
	switch k {
	case 0:
		return 0
	case RAM:
		return 1
	case PMem:
		return 2
	case ACPI:
		return 3
	case NVS:
		return 4
	case Ours:
		return 6
	}
	return 5
}

// Region is Size bytes of physical memory of one kind.
type Region struct {
	Start addr.HPA
	Size  uint64
	Kind  Kind
}

// End returns the first address after r.
func (r Region) End() addr.HPA { return r.Start + addr.HPA(r.Size) }

// Map is a memory map: sorted by address, without overlaps, and neighbours of
// one kind are one region. Gaps belong to devices, or to nobody.
type Map []Region

// NewMap returns the map of regions that may be in any order and may overlap.
// Of overlapping claims the more careful one wins; a region that wraps around
// the end of the address space is cut off there.
func NewMap(regions []Region) Map {
	return sweep(regions, func(i int) int { return regions[i].Kind.rank() })
}

// Overlay returns m with over laid upon it: inside a region of over its kind
// wins whatever m says, and of several the last one.
func (m Map) Overlay(over ...Region) Map {
	all := append(slices.Clone(m), over...)
	return sweep(all, func(i int) int {
		if i < len(m) {
			return all[i].Kind.rank()
		}
		return 100 + i
	})
}

// RAM returns the number of bytes of RAM in m that lie below limit.
func (m Map) RAM(limit addr.HPA) (n uint64) {
	for _, r := range m {
		if r.Kind == RAM && r.Start < limit {
			n += uint64(min(r.End(), limit) - r.Start)
		}
	}
	return n
}

// Top returns the first address after the last region of RAM.
func (m Map) Top() (top addr.HPA) {
	for _, r := range m {
		if r.Kind == RAM {
			top = r.End()
		}
	}
	return top
}

// Limit returns the address below which n bytes of RAM lie, rounded down to
// 2 MiB, so that root's memory can be mapped with large pages. It is the end
// of some RAM, so that what lies just below it can be used.
func (m Map) Limit(n uint64) (limit addr.HPA) {
	for _, r := range m {
		if r.Kind != RAM {
			continue
		}
		end := (r.Start + addr.HPA(min(n, r.Size))) &^ (addr.Page2M - 1)
		if end > r.Start {
			limit = end
		}
		if n <= r.Size {
			break
		}
		n -= r.Size
	}
	return limit
}

// Is reports whether all of [start, start+size) is of kind k.
func (m Map) Is(start addr.HPA, size uint64, k Kind) bool {
	for _, r := range m {
		if r.Kind == k && start >= r.Start && start < r.End() {
			return size <= uint64(r.End()-start)
		}
	}
	return false
}

// sweep cuts regions at every boundary and gives each piece to the claim of
// the highest priority.
func sweep(regions []Region, priority func(i int) int) Map {
	cuts := make([]addr.HPA, 0, 2*len(regions))
	regions = slices.Clone(regions)
	for i := range regions {
		r := &regions[i]
		if r.End() < r.Start {
			r.Size = (uint64(-r.Start) - 1) &^ (addr.PageSize - 1)
		}
		cuts = append(cuts, r.Start, r.End())
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var m Map
	for c := 0; c+1 < len(cuts); c++ {
		best := -1
		for i, r := range regions {
			if r.Start <= cuts[c] && cuts[c] < r.End() && (best < 0 || priority(i) > priority(best)) {
				best = i
			}
		}
		if best < 0 || regions[best].Kind == 0 {
			continue
		}
		k, size := regions[best].Kind, uint64(cuts[c+1]-cuts[c])
		if n := len(m); n > 0 && m[n-1].Kind == k && m[n-1].End() == cuts[c] {
			m[n-1].Size += size
		} else {
			m = append(m, Region{cuts[c], size, k})
		}
	}
	return m
}
