package vcon

import (
	"unsafe"

	"perdure/mm/addr"
)

// address returns where a word of kept state is, which does not move.
//
//go:nosplit
func address(w *uint64) addr.HVA {
	return addr.HVA(uintptr(unsafe.Pointer(w))) // SAFETY: only the number is used, while w's record is there.
}
