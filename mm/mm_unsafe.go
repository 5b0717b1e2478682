package mm

import (
	"unsafe"

	"perdure/kernel"
	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/mm/phys"
)

// Bytes returns n bytes of physical memory at a: the one place where physical
// memory becomes a slice. It is nil if the direct map does not have all of them,
// and if any is in this instance's home or in kept state.
func Bytes(a addr.HPA, n uint64) []byte {
	p := kernel.Boot()
	end := a + addr.HPA(n)
	if n == 0 || end < a || uint64(end) > p.Direct || n > 1<<46 {
		return nil
	}
	for _, r := range [...]struct {
		start addr.HPA
		size  uint64
	}{{p.Home, p.HomeSize}, {kept.Root(), kept.Size()}} {
		if a < r.start+addr.HPA(r.size) && r.start < end {
			return nil
		}
	}
	// SAFETY: the direct map has these bytes, and nobody takes them out of it. A
	// slice of a partition's memory is one that the partition writes too.
	return unsafe.Slice((*byte)(phys.At(a)), n)
}
