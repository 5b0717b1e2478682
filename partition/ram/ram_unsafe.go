package ram

import "unsafe"

// Read reads size bytes (1, 2, 4 or 8) within one page; false if they are no
// memory. Each call is one load, made where it is written: it is not inlined, so
// that the compiler neither moves nor repeats it. Whoever shares the memory may
// change it at any moment.
//
//go:nosplit
//go:noinline
func (m *RAM) Read(gpa uint64, size uint8) (uint64, bool) {
	va, ok := m.near(gpa)
	if !ok {
		if va, ok = farther(m, gpa, uint64(size)); !ok {
			return 0, false
		}
	}
	// SAFETY: near or Host says that these bytes are the partition's, in the window of all memory.
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

// Write writes size bytes (1, 2, 4 or 8) within one page; false if they are no
// memory. Each call is one store, as in Read.
//
//go:nosplit
//go:noinline
func (m *RAM) Write(gpa, val uint64, size uint8) bool {
	va, ok := m.near(gpa)
	if !ok {
		if va, ok = farther(m, gpa, uint64(size)); !ok {
			return false
		}
	}
	// SAFETY: as in Read.
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

// Bytes returns the n bytes from gpa on as they lie in memory, within one page.
//
//go:nosplit
func (m *RAM) Bytes(gpa, n uint64) ([]byte, bool) {
	va, ok := m.Host(gpa, n)
	if !ok {
		return nil, false
	}
	// SAFETY: as in Read.
	return unsafe.Slice((*byte)(unsafe.Add(nil, uintptr(va))), n), true
}
