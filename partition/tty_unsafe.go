package partition

import (
	"unsafe"

	"perdure/mm/addr"
)

// load8 reads a byte of kept memory.
func load8(at addr.HVA) byte {
	// SAFETY: the caller's record says that this page is its own.
	return *(*byte)(unsafe.Add(nil, uintptr(at)))
}

// store8 writes a byte of kept memory.
//
//go:nosplit
func store8(at addr.HVA, b byte) {
	// SAFETY: the caller's record says that this page is its own.
	*(*byte)(unsafe.Add(nil, uintptr(at))) = b
}
