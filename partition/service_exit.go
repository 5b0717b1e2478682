package partition

import (
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/ept"
	"perdure/vmx/vmcs"
)

// cpuidRaw answers a candidate's CPUID: it will have this very processor. Only the
// local APIC that it has for now is not the machine's, and what its CR4 turns on.
//
//go:nosplit
func (v *VP) cpuidRaw(leaf, sub uint32) Verdict {
	a, b, c, d := x86.CPUID(leaf, sub)
	switch leaf {
	case 1:
		b = b&0xffffff | uint32(v.LAPIC.ID)<<24
		c |= 1 << 21 // x2APIC
		if c &^= 1 << 27; vmcs.GuestCR4.Read()&x86.CR4OSXSAVE != 0 {
			c |= 1 << 27
		}
	case 7:
		if c &^= 1 << 4; sub == 0 && vmcs.GuestCR4.Read()&x86.CR4PKE != 0 {
			c |= 1 << 4
		}
	case 0xb:
		d = uint32(v.LAPIC.ID)
	}
	return v.four(a, b, c, d)
}

// serves reports whether v is a candidate's. Root's, which exit most, are told by
// their number.
//
//go:nosplit
func (v *VP) serves() bool { return v.Part != 0 && v.partition().Kind == Service }

// outside ends a candidate that reached for what is not its own.
//
//go:nosplit
func (v *VP) outside(gpa uint64) Verdict {
	v.stop(WhyOutside, uint64(vmcs.ReasonEPTViolation))
	v.partition().WhyQual = gpa
	return Resume | Park
}

// mayNotMap returns whose frames p's extended page table may not map at gpa. A
// candidate may read kept state; the page that its processors start in is a kept
// page of its own.
func (p *Partition) mayNotMap(gpa addr.GPA, perm ept.Perm) []mm.Owner {
	own := gpa >= trampolineAt && gpa < trampolineAt+addr.PageSize
	if p.Kind == Service && (perm == ept.R || own) {
		return []mm.Owner{mm.Home}
	}
	return []mm.Owner{mm.Home, mm.Kept}
}
