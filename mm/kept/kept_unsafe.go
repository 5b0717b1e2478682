package kept

import (
	"unsafe"

	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// rootSize is the part of the root page that is in use.
const rootSize = uint64(unsafe.Sizeof(root{}))

// A root fits its page; this stops compiling the day it does not.
var _ [addr.PageSize - rootSize]byte

// rootAt returns the root page of an arena at base.
func rootAt(base addr.HPA) *root {
	// SAFETY: base is a page of memory in the direct map; what it holds is checked.
	return (*root)(unsafe.Add(nil, uintptr(base.HVA())))
}

// open makes the arena at base the one that this package works on.
func open(base addr.HPA, pages uint64) {
	arena.r = rootAt(base)
	// SAFETY: the owners' words follow the root page, one for each page.
	arena.owners = unsafe.Slice((*Owner)(unsafe.Add(nil, uintptr(base.HVA())+addr.PageSize)), pages)
}

// zero clears pages of the caller's own.
//
//go:nosplit
func zero(base addr.HPA, pages uint64) { x86.ZeroPages(uintptr(base.HVA()), pages) }

// Table returns the n records of a kind: those that are there, or new ones of
// zeros. Every life of the program gets the same ones.
func Table[T any](kind Kind, n int) ([]T, error) {
	var t T
	offset, err := reserve(kind, uint64(unsafe.Sizeof(t)), uint64(n))
	if err != nil {
		return nil, err
	}
	at := addr.HPA(arena.r.Base + offset)
	// SAFETY: reserve made room for n records of this size, on a page's boundary.
	return unsafe.Slice((*T)(unsafe.Add(nil, uintptr(at.HVA()))), n), nil
}

// digest mixes the words of the record that h begins, but the sum itself. Each
// step is a bijection of the state, so one changed word always changes the sum.
//
//go:nosplit
func (h *Header) digest() uint64 {
	sum := uint64(0x9e3779b97f4a7c15)
	for i := uint64(8); i < h.Size; i += 8 {
		// SAFETY: Check and Seal have bounded Size, which Init took from the record's type.
		w := *(*uint64)(unsafe.Add(unsafe.Pointer(h), i))
		sum = (sum ^ w) * 0x2545f4914f6cdd1d
		sum ^= sum >> 29
	}
	return sum
}
