// Package ram is a partition's memory as its devices use it.
//
// The one idea: an address from a guest is a number until this package has found
// the memory behind it, and then for the bytes that were asked for and no more.
//
// Nothing here allocates or grows a stack: handlers of exits call it.
package ram

import (
	"perdure/mm/addr"
	"perdure/mm/ept"
	"perdure/mm/phys"
)

// RAM says where a partition's memory is: a kept record, derived from its
// extended page table. The zero RAM is no memory.
type RAM struct {
	EPTP        uint64 // EPT pointer: root table and its attributes
	Start, Size uint64 // guest-physical stretch, of whole pages, that lies together: no walk is needed there
	Delta       uint64 // HPA minus GPA in that stretch
}

// Host returns where the hypervisor sees the n bytes from gpa on, which must be
// memory within one page.
//
//go:nosplit
func (m *RAM) Host(gpa, n uint64) (addr.HVA, bool) {
	if n > addr.PageSize || gpa&(addr.PageSize-1)+n > addr.PageSize {
		return 0, false
	}
	return m.page(gpa)
}

// near is Host for up to 8 bytes in the stretch that needs no walk; false says
// only that it is not as easy.
//
//go:nosplit
func (m *RAM) near(gpa uint64) (addr.HVA, bool) {
	return at(addr.HPA(gpa + m.Delta)), gpa-m.Start < m.Size && gpa&(addr.PageSize-1) <= addr.PageSize-8
}

// farther is Host, out of the linker's sight: it bounds the stack of a chain of
// direct calls, and Read is at the end of long ones.
var farther = (*RAM).Host

// page returns where the hypervisor sees gpa, and with it the rest of its page.
//
//go:nosplit
func (m *RAM) page(gpa uint64) (addr.HVA, bool) {
	if gpa-m.Start < m.Size {
		return at(addr.HPA(gpa + m.Delta)), true
	}
	if m.EPTP == 0 {
		return 0, false
	}
	hpa, ok := ept.Memory(m.EPTP, addr.GPA(gpa))
	return at(hpa), ok
}

// Span returns where the hypervisor sees gpa, and how many of the n bytes from
// there on lie together: 0, with n not 0, if gpa is no memory.
//
//go:nosplit
func (m *RAM) Span(gpa, n uint64) (addr.HVA, uint64) {
	if off := gpa - m.Start; off < m.Size {
		return at(addr.HPA(gpa + m.Delta)), min(n, m.Size-off)
	}
	va, ok := m.page(gpa)
	if !ok {
		return 0, 0
	}
	return va, min(n, addr.PageSize-gpa&(addr.PageSize-1))
}

// Has reports whether the n bytes from gpa on are all memory.
//
//go:nosplit
func (m *RAM) Has(gpa, n uint64) bool {
	for n != 0 {
		_, k := m.Span(gpa, n)
		if k == 0 {
			return false
		}
		gpa, n = gpa+k, n-k
	}
	return true
}

// at returns where the hypervisor sees a.
//
//go:nosplit
func at(a addr.HPA) addr.HVA { return addr.HVA(uintptr(phys.At(a))) }
