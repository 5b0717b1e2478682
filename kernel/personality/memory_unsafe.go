package personality

import "unsafe"

// SAFETY, for all of this file: the addresses come from the Go runtime, which
// passes them for exactly this access; Back has seen to their pages where a
// fault could not be taken.

//go:nosplit
func ld64(a uint64) uint64 { return *(*uint64)(unsafe.Add(nil, uintptr(a))) } // SAFETY: see above.

//go:nosplit
func st64(a, v uint64) { *(*uint64)(unsafe.Add(nil, uintptr(a))) = v } // SAFETY: see above.

//go:nosplit
func ld32(a uint64) uint32 { return *(*uint32)(unsafe.Add(nil, uintptr(a))) } // SAFETY: see above.

//go:nosplit
func st32(a uint64, v uint32) { *(*uint32)(unsafe.Add(nil, uintptr(a))) = v } // SAFETY: see above.

//go:nosplit
func ld8(a uint64) byte { return *(*byte)(unsafe.Add(nil, uintptr(a))) } // SAFETY: see above.

// at returns thread i. A function of its own, so that no bounds check brings
// its panic's stack into the chain: i is below len(threads), a power of two.
//
//go:nosplit
func at(i uint64) *Thread {
	// SAFETY: the index is masked to the array.
	return (*Thread)(unsafe.Add(unsafe.Pointer(&threads), uintptr(i&(MaxThreads-1))*unsafe.Sizeof(Thread{})))
}

// area returns area i; as at, for areas.
//
//go:nosplit
func area(i uint64) *Area {
	// SAFETY: the index is masked to the array, whose length is a power of two.
	return (*Area)(unsafe.Add(unsafe.Pointer(&areas), uintptr(i&(maxAreas-1))*unsafe.Sizeof(Area{})))
}
