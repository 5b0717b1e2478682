//go:build !metal

package net

import (
	"unsafe"

	"perdure/mm/addr"
	"perdure/mm/phys"
)

// copyTo copies b to physical memory.
func copyTo(at uint64, b []byte) {
	copy(unsafe.Slice((*byte)(phys.At(addr.HPA(at))), len(b)), b) // SAFETY: a test's machine has that much.
}
