package net

import (
	"unsafe"

	"perdure/mm/addr"
)

// where returns the address of a frame's beginning, for copies.
//
//go:nosplit
func where(first *[4]uint64) addr.HVA {
	return addr.HVA(uintptr(unsafe.Pointer(first))) // SAFETY: a word of kept state, which does not move.
}
