package partition

import (
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/ept"
	"perdure/partition/ram"
)

// mapRoot gives root its memory and every device window at its own address. What
// is the hypervisor's, and RAM above root's limit or spared, is not mapped.
func (p *Partition) mapRoot(o *BootOrder) error {
	got, err := o.claim(mm.Partition(p.ID))
	if err != nil {
		return err
	}
	p.Memory = got
	e, err := ept.New(p.keptOwner())
	if err != nil {
		return err
	}
	const devices = 1 << 40 // device windows above that are not reachable
	top := min(uint64(1)<<x86.PhysicalBits(), devices)
	err = mm.Walk(0, addr.HPA(top), func(at addr.HPA, size uint64, owner mm.Owner) error {
		switch owner {
		case mm.Partition(p.ID):
			if size > p.RAM.Size {
				p.RAM = ram.RAM{Start: uint64(at), Size: size}
			}
			return e.Map(addr.GPA(at), at, size, ept.RWX, ept.WB)
		case 0, mm.Firmware: // no RAM, or RAM with the firmware's tables
			return e.Map(addr.GPA(at), at, size, ept.RWX, ept.UC)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, w := range []uint64{lapicWindow, ioapicWindow} {
		if err := e.Unmap(addr.GPA(w), addr.PageSize); err != nil {
			return err
		}
	}
	p.RAM.EPTP = e.Pointer()
	return nil
}
