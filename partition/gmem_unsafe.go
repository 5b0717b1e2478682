package partition

import (
	"unsafe"
)

// read reads size bytes (1, 2, 4 or 8) of p's memory; false if it has none there.
//
//go:nosplit
func (p *Partition) read(gpa uint64, size uint8) (uint64, bool) {
	va, ok := p.host(gpa, uint64(size))
	if !ok {
		return 0, false
	}
	// SAFETY: host says that these bytes are the partition's, in the direct map.
	a := unsafe.Add(nil, uintptr(va))
	switch size {
	case 1:
		return uint64(*(*uint8)(a)), true
	case 2:
		return uint64(*(*uint16)(a)), true
	case 4:
		return uint64(*(*uint32)(a)), true
	}
	return *(*uint64)(a), true
}

// write writes size bytes (1, 2, 4 or 8) of p's memory; false if it has none there.
//
//go:nosplit
func (p *Partition) write(gpa, val uint64, size uint8) bool {
	va, ok := p.host(gpa, uint64(size))
	if !ok {
		return false
	}
	// SAFETY: as in read.
	a := unsafe.Add(nil, uintptr(va))
	switch size {
	case 1:
		*(*uint8)(a) = uint8(val)
	case 2:
		*(*uint16)(a) = uint16(val)
	case 4:
		*(*uint32)(a) = uint32(val)
	default:
		*(*uint64)(a) = val
	}
	return true
}

// bytes returns n bytes of p's memory from gpa on, within one page.
//
//go:nosplit
func (p *Partition) bytes(gpa, n uint64) ([]byte, bool) {
	va, ok := p.host(gpa, n)
	if !ok {
		return nil, false
	}
	// SAFETY: as in read.
	return unsafe.Slice((*byte)(unsafe.Add(nil, uintptr(va))), n), true
}
