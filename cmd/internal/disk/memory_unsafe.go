package disk

import (
	"unsafe"

	"perdure/partition/abi"
)

// Head returns the beginning of a ring.
func Head(memory []byte) *abi.RingHead {
	_ = memory[abi.RingData-1]
	// SAFETY: the memory is longer than the head, page-aligned, and stays mapped as
	// long as its Ring is used; the head has no pointers.
	return (*abi.RingHead)(unsafe.Pointer(unsafe.SliceData(memory)))
}

// The head ends before the data begin.
var _ [abi.RingData - unsafe.Sizeof(abi.RingHead{})]byte
