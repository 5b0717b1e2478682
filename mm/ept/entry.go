package ept

import "perdure/mm/addr"

// Perm is what a partition may do with a page.
type Perm uint64

// Permissions: bits of an entry. SDM Vol. 3C, "EPT Translation Mechanism".
const (
	R   Perm = 1 << 0
	W   Perm = 1 << 1
	X   Perm = 1 << 2
	RW       = R | W
	RX       = R | X
	RWX      = R | W | X
)

// String returns p as ls prints it.
func (p Perm) String() string {
	b := []byte("---")
	for i, c := range []byte("rwx") {
		if p>>i&1 != 0 {
			b[i] = c
		}
	}
	return string(b)
}

// valid reports whether a processor takes p; what may be written must be readable.
func (p Perm) valid() bool { return p != 0 && p <= RWX && (p&R != 0 || p == X) }

// MemType is how memory is cached, in the manual's numbers.
type MemType uint64

// Memory types. SDM Vol. 3C, "EPT and Memory Typing".
const (
	UC MemType = 0
	WC MemType = 1
	WT MemType = 4
	WP MemType = 5
	WB MemType = 6
)

func (m MemType) String() string {
	switch m {
	case UC:
		return "UC"
	case WC:
		return "WC"
	case WT:
		return "WT"
	case WP:
		return "WP"
	case WB:
		return "WB"
	}
	return "reserved"
}

func (m MemType) valid() bool { return m <= WC || m >= WT && m <= WB }

// Entry is an entry of a table: nothing, a page, or the address of a table one
// level below.
type Entry uint64

// Bits of an entry beside the permissions.
const (
	typeShift = 3
	typeMask  = 7
	large     = 1 << 7 // bit 6 is left 0: the partition's PAT has its say, as on the machine
	frameMask = 0x000ffffffffff000
)

// table is the entry of a table: what may be done is said at the page.
const table = Entry(RWX)

// page returns the entry of a page at the given level.
func page(a addr.HPA, p Perm, m MemType, level uint) Entry {
	e := Entry(a) | Entry(p) | Entry(m)<<typeShift
	if level > 0 {
		e |= large
	}
	return e
}

// Present reports whether e maps anything.
//
//go:nosplit
func (e Entry) Present() bool { return e&Entry(RWX) != 0 }

// leaf reports whether e, present at the given level, is a page.
//
//go:nosplit
func (e Entry) leaf(level uint) bool { return level == 0 || e&large != 0 }

// HPA returns the address of the page or table.
//
//go:nosplit
func (e Entry) HPA() addr.HPA { return addr.HPA(e & frameMask) }

// Perm returns what may be done.
func (e Entry) Perm() Perm { return Perm(e) & RWX }

// Mem returns the memory type of a page.
func (e Entry) Mem() MemType { return MemType(e >> typeShift & typeMask) }

// span returns the size of what an entry at the given level covers.
//
//go:nosplit
func span(level uint) uint64 { return addr.PageSize << (9 * level) }

// index returns which entry of a table at the given level a selects.
//
//go:nosplit
func index(a addr.GPA, level uint) uint64 { return uint64(a) >> (addr.PageShift + 9*level) & 511 }
