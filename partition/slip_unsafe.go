package partition

import "unsafe"

// keptWord returns the address of a word of kept state that is in use: one of the
// records of a processor, of a VP, of a partition, or of the host, by a number of
// any size.
func keptWord(n uint64) uint64 {
	var at, size uintptr
	kind := n & 3
	n >>= 2
	// SAFETY: only addresses are taken here.
	switch h := tab.Host; kind {
	case 0:
		at, size = uintptr(unsafe.Pointer(&tab.CPUs[n%h.CPUs])), unsafe.Sizeof(CPU{})
	case 1:
		at, size = uintptr(unsafe.Pointer(&tab.VPs[n%h.VPs])), unsafe.Sizeof(VP{})
	case 2:
		at, size = uintptr(unsafe.Pointer(Lookup(0))), unsafe.Sizeof(Partition{})
	default:
		at, size = uintptr(unsafe.Pointer(h)), unsafe.Sizeof(*h)
	}
	return uint64(at + uintptr(n>>8*8)%size)
}
