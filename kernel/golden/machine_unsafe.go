//go:build metal

package golden

import (
	"unsafe"

	"perdure/mm/addr"
)

// spoilWord overwrites a word of the heap.
//
//go:nosplit
func spoilWord(a addr.HVA, v uint64) {
	// SAFETY: none, that is the test; a reset follows before anybody looks.
	*(*uint64)(unsafe.Add(nil, uintptr(a))) = v
}
