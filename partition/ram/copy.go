package ram

import (
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// Copy copies n bytes from one partition's memory to another's, or the same
// one's. With false, something was not memory; what came before it is copied.
//
//go:nosplit
func Copy(to *RAM, toGPA uint64, from *RAM, fromGPA, n uint64) bool {
	for n != 0 {
		src, k := from.Span(fromGPA, n)
		dst, k := to.Span(toGPA, k)
		if k == 0 {
			return false
		}
		x86.CopyBytes(uintptr(dst), uintptr(src), k)
		toGPA, fromGPA, n = toGPA+k, fromGPA+k, n-k
	}
	return true
}

// CopyIn copies n bytes of the hypervisor's into the partition's memory.
//
//go:nosplit
func (m *RAM) CopyIn(gpa uint64, from addr.HVA, n uint64) bool {
	for n != 0 {
		dst, k := m.Span(gpa, n)
		if k == 0 {
			return false
		}
		x86.CopyBytes(uintptr(dst), uintptr(from), k)
		gpa, from, n = gpa+k, from+addr.HVA(k), n-k
	}
	return true
}

// CopyOut copies n bytes of the partition's memory to the hypervisor's.
//
//go:nosplit
func (m *RAM) CopyOut(to addr.HVA, gpa, n uint64) bool {
	for n != 0 {
		src, k := m.Span(gpa, n)
		if k == 0 {
			return false
		}
		x86.CopyBytes(uintptr(to), uintptr(src), k)
		gpa, to, n = gpa+k, to+addr.HVA(k), n-k
	}
	return true
}
