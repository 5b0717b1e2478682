package pages

import (
	"math/bits"
	"unsafe"

	"perdure/kernel/x86"
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
func zero(a addr.HVA) { x86.ZeroPages(uintptr(a), 1) }

// copyPage copies a page.
//
//go:nosplit
func copyPage(to, from addr.HVA) { x86.CopyPages(uintptr(to), uintptr(from), 1) }

// zeros reports whether the page at a holds nothing else.
//
//go:nosplit
func zeros(a addr.HVA) bool {
	for end := a + addr.PageSize; a < end; a += 32 {
		if load(a)|load(a+8)|load(a+16)|load(a+24) != 0 {
			return false
		}
	}
	return true
}

// sumPageAt returns where the code of sumPage lies.
//
//go:nosplit
func sumPageAt() addr.HVA {
	f := sumPage
	return addr.HVA(**(**uintptr)(unsafe.Pointer(&f))) // SAFETY: a function value points to its code's address.
}

// sumPage returns the checksum of the page at a. Each step is a bijection of the
// sum so far, so no damage to a single word goes unseen.
//
//go:nosplit
func sumPage(a addr.HVA) uint64 {
	const prime = 0x9e3779b97f4a7c15
	s := uint64(prime)
	for end := a + addr.PageSize; a < end; a += 32 {
		s = bits.RotateLeft64(s^load(a), 23) * prime
		s = bits.RotateLeft64(s^load(a+8), 23) * prime
		s = bits.RotateLeft64(s^load(a+16), 23) * prime
		s = bits.RotateLeft64(s^load(a+24), 23) * prime
	}
	return s
}
