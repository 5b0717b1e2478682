package partition

import (
	"perdure/mm/addr"
	"perdure/mm/phys"
)

// load8 reads a byte of kept memory.
func load8(at addr.HPA) byte {
	// SAFETY: the caller's record says that this page is its own.
	return *(*byte)(phys.At(at))
}

// store8 writes a byte of kept memory.
//
//go:nosplit
func store8(at addr.HPA, b byte) {
	// SAFETY: the caller's record says that this page is its own.
	*(*byte)(phys.At(at)) = b
}
