package pages

import (
	"unsafe"

	"perdure/mm/addr"
)

// SAFETY, for all of this file: the addresses are s.Window plus a frame that
// the home owns; the window maps all of it, on the metal and in tests.

//go:nosplit
func load(a addr.HVA) uint64 { return *(*uint64)(unsafe.Add(nil, uintptr(a))) } // SAFETY: see above.

//go:nosplit
func store(a addr.HVA, v uint64) { *(*uint64)(unsafe.Add(nil, uintptr(a))) = v } // SAFETY: see above.

// zero clears the page at a.
//
//go:nosplit
func zero(a addr.HVA) {
	for end := a + addr.PageSize; a < end; a += 32 {
		store(a, 0)
		store(a+8, 0)
		store(a+16, 0)
		store(a+24, 0)
	}
}
