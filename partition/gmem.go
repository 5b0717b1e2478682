package partition

import (
	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// walker is what the translation of a guest's linear addresses depends on, taken
// from the VMCS at an exit.
type walker struct {
	p             *Partition
	cr0, cr3, cr4 uint64
	efer          uint64
	user          bool
}

// walker returns the paging state of v, whose VMCS is current.
//
//go:nosplit
func (v *VP) walker() walker {
	return walker{
		p: v.partition(), cr0: vmcs.GuestCR0.Read(), cr3: vmcs.GuestCR3.Read(), cr4: vmcs.GuestCR4.Read(),
		efer: vmcs.GuestEFER.Read(), user: vmcs.GuestSSAccess.Read()>>5&3 == 3,
	}
}

// Bits of a page-table entry and of a page fault's error code. SDM Vol. 3A,
// "Paging".
const (
	pteP, pteW, pteU, ptePS = 1, 2, 4, 1 << 7
	pteAddr                 = 0x000ffffffffff000

	pfP, pfW, pfU, pfReserved = 1, 2, 4, 8
)

// shape returns how the guest's page tables lie: their levels, the first table,
// where in an address the index into it begins, and the binary logarithm of an
// entry's size.
//
//go:nosplit
func (w *walker) shape() (levels int, table uint64, shift, wide uint) {
	switch {
	case w.efer&x86.EFERLMA != 0 && w.cr4&x86.CR4LA57 != 0:
		return 5, w.cr3 & pteAddr, 48, 3
	case w.efer&x86.EFERLMA != 0:
		return 4, w.cr3 & pteAddr, 39, 3
	case w.cr4&x86.CR4PAE != 0:
		return 3, w.cr3 & 0xffffffe0, 30, 3
	}
	return 2, w.cr3 & 0xfffff000, 22, 2
}

// below returns where the index into the next table begins.
//
//go:nosplit
func below(shift, wide uint) uint {
	if wide == 2 {
		return 12
	}
	return shift - 9
}

// translate walks the guest's page tables for the linear address la. If ok is
// false, code is the error code of the page fault that the access makes. Access
// and dirty bits are the processor's business: the instruction that is being
// emulated has set them, or the page is about to be touched by its owner.
//
//go:nosplit
func (w *walker) translate(la uint64, write bool) (gpa uint64, ok bool, code uint64) {
	if w.cr0&x86.CR0PG == 0 {
		return la & 0xffffffff, true, 0
	}
	if write {
		code |= pfW
	}
	if w.user {
		code |= pfU
	}
	levels, table, shift, wide := w.shape()
	if w.efer&x86.EFERLMA != 0 && levels == 4 && !canonical(la) {
		return 0, false, code
	}
	rights := uint64(pteW | pteU)
	for ; ; levels-- {
		bits := uint(12) - wide
		if levels == 3 && w.efer&x86.EFERLMA == 0 {
			bits = 2
		}
		slot := table + (la>>shift&(1<<bits-1))<<wide
		e, there := w.p.read(slot, 1<<wide)
		if !there || e&pteP == 0 {
			return slot, false, code
		}
		if levels != 3 || w.efer&x86.EFERLMA != 0 {
			rights &= e
		}
		if levels == 1 || e&ptePS != 0 && levels <= 3 {
			if write && rights&pteW == 0 && (w.user || w.cr0&x86.CR0WP != 0) || w.user && rights&pteU == 0 {
				return 0, false, code | pfP
			}
			frame := e & pteAddr
			if wide == 2 {
				frame = e & 0xfffff000
			}
			return frame&^(1<<shift-1) | la&(1<<shift-1), true, 0
		}
		table = e & pteAddr
		if wide == 2 {
			table = e & 0xfffff000
		}
		shift = below(shift, wide)
	}
}

// read and write access size bytes (1, 2, 4 or 8) of p's memory within one page;
// false if it has none there.
//
//go:nosplit
func (p *Partition) read(gpa uint64, size uint8) (uint64, bool) { return p.RAM.Read(gpa, size) }

//go:nosplit
func (p *Partition) write(gpa, val uint64, size uint8) bool { return p.RAM.Write(gpa, val, size) }

// read64 reads an aligned word of p's memory.
//
//go:nosplit
func (p *Partition) read64(gpa uint64) (uint64, bool) { return p.RAM.Read(gpa, 8) }

// bytes returns n bytes of p's memory from gpa on, within one page.
//
//go:nosplit
func (p *Partition) bytes(gpa, n uint64) ([]byte, bool) { return p.RAM.Bytes(gpa, n) }

// pageFault injects #PF.
//
//go:nosplit
func (v *VP) pageFault(la, code uint64) Verdict {
	v.Ctx.CR2 = la
	x86.WriteCR2(la) // which is live: nothing else loads it before the guest runs
	return v.fault(x86.VectorPF, true, code)
}
