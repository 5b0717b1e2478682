package partition

import (
	"perdure/kernel/x86"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// exitCR answers a move to or from a control register that the masks in the VMCS
// do not let the guest do alone. SDM Vol. 3C, "Exit Qualification for
// Control-Register Accesses".
//
//go:nosplit
func exitCR(c *CPU, v *VP) Verdict {
	q := vmcs.DecodeCR(vmcs.ExitQualification.Read())
	val := uint64(0)
	switch q.Kind {
	case vmcs.CRWrite:
		val = v.Ctx.Reg(q.Reg)
	case vmcs.CRCLTS:
		val = v.cr0() &^ x86.CR0TS
	case vmcs.CRLMSW:
		val = v.cr0()&^0xe | uint64(q.Source)&0xf
	case vmcs.CRRead:
		if q.CR == 8 {
			v.Ctx.OutRAX, v.Ctx.OutIndex = v.LAPIC.ReadCR8(), vmx.Index(q.Reg)
			return Advance | Reg
		}
		return v.gp()
	}
	switch q.CR {
	case 0:
		return v.setCR0(val)
	case 4:
		return v.setCR4(val)
	case 8:
		if !v.LAPIC.WriteCR8(&v.Log, val) {
			return v.gp()
		}
		v.consider()
		return Advance | Changes
	}
	return v.gp()
}

// cr0 and cr4 are what the guest believes to have in the registers.
//
//go:nosplit
func (v *VP) cr0() uint64 {
	mask := vmcs.CR0Mask.Read()
	return vmcs.GuestCR0.Read()&^mask | vmcs.CR0Shadow.Read()&mask
}

//go:nosplit
func (v *VP) cr4() uint64 {
	mask := vmcs.CR4Mask.Read()
	return vmcs.GuestCR4.Read()&^mask | vmcs.CR4Shadow.Read()&mask
}

// setCR0 gives the guest a new CR0, as MOV to CR0 does it. With EPT on, caches
// are never off and NE is always on beneath what the guest sees.
//
//go:nosplit
func (v *VP) setCR0(val uint64) Verdict {
	if val>>32 != 0 || val&x86.CR0PG != 0 && val&x86.CR0PE == 0 || val&x86.CR0NW != 0 && val&x86.CR0CD == 0 {
		return v.gp()
	}
	old := v.cr0()
	efer := vmcs.GuestEFER.Read()
	turned := (val ^ old) & x86.CR0PG
	if turned != 0 && val&x86.CR0PG != 0 && efer&x86.EFERLME != 0 {
		if vmcs.GuestCR4.Read()&x86.CR4PAE == 0 || vmcs.GuestCSAccess.Read()&(1<<13) != 0 {
			return v.gp()
		}
	}
	if turned != 0 && val&x86.CR0PG == 0 && (v.cr4()&x86.CR4PCIDE != 0 || v.in64()) {
		return v.gp()
	}
	pae := val&x86.CR0PG != 0 && efer&x86.EFERLME == 0 && v.cr4()&x86.CR4PAE != 0
	if pae && (turned != 0 || (val^old)&(x86.CR0CD|x86.CR0NW) != 0) && !v.loadPDPTEs() {
		return v.gp()
	}
	vmcs.CR0Shadow.Write(val)
	vmcs.GuestCR0.Write(val&^(x86.CR0CD|x86.CR0NW) | x86.CR0NE | x86.CR0ET)
	if turned != 0 {
		ctl := vmcs.EntryControls.Read() &^ vmcs.EntryIA32e
		efer &^= x86.EFERLMA
		if val&x86.CR0PG != 0 && efer&x86.EFERLME != 0 {
			ctl |= vmcs.EntryIA32e
			efer |= x86.EFERLMA
		}
		vmcs.EntryControls.Write(ctl)
		vmcs.GuestEFER.Write(efer)
	}
	vmx.InvalidateVPID(uint16(v.index() + 1))
	return Advance
}

// setCR4 gives the guest a new CR4.
//
//go:nosplit
func (v *VP) setCR4(val uint64) Verdict {
	if val&^tab.Host.CR4Allowed != 0 {
		return v.gp()
	}
	long := vmcs.GuestEFER.Read()&x86.EFERLMA != 0
	if long && val&x86.CR4PAE == 0 || !long && val&x86.CR4PCIDE != 0 {
		return v.gp()
	}
	if !long && v.cr0()&x86.CR0PG != 0 && val&x86.CR4PAE != 0 && !v.loadPDPTEs() {
		return v.gp()
	}
	vmcs.CR4Shadow.Write(val)
	vmcs.GuestCR4.Write(val | x86.CR4VMXE)
	vmx.InvalidateVPID(uint16(v.index() + 1))
	return Advance
}

// in64 reports whether the guest is in 64-bit mode.
//
//go:nosplit
func (v *VP) in64() bool {
	return vmcs.GuestEFER.Read()&x86.EFERLMA != 0 && vmcs.GuestCSAccess.Read()&vmcs.AccessLong != 0
}

// loadPDPTEs does what the processor does when PAE paging is turned on; false
// asks for #GP: an entry has a reserved bit.
//
//go:nosplit
func (v *VP) loadPDPTEs() bool {
	cr3 := vmcs.GuestCR3.Read() &^ 31
	var e [4]uint64
	for i := range e {
		var ok bool
		if e[i], ok = v.partition().read64(cr3 + uint64(i)*8); !ok {
			return false
		}
		if e[i]&pteP != 0 && (e[i]&0x1e6 != 0 || e[i]>>x86.PhysicalBits() != 0) {
			return false
		}
	}
	vmcs.GuestPDPTE0.Write(e[0])
	vmcs.GuestPDPTE1.Write(e[1])
	vmcs.GuestPDPTE2.Write(e[2])
	vmcs.GuestPDPTE3.Write(e[3])
	return true
}

// takesXCR0 reports whether the processor takes that.
//
//go:nosplit
func takesXCR0(val uint64) bool {
	const avx512 = 7 << 5
	return val&^tab.Host.XCR0 == 0 && val&1 != 0 && (val&4 == 0 || val&2 != 0) && (val&avx512 == 0 || val&avx512 == avx512 && val&4 != 0)
}

// loadable takes out of v what the processor would refuse to load, each time anew.
//
//go:nosplit
func (v *VP) loadable() {
	v.Ctx.Loadable()
	if v.XCR0 != 0 && !takesXCR0(v.XCR0) {
		v.XCR0 = tab.Host.XCR0 // more than it had on, perhaps
	}
}

// exitXSETBV changes which extended state the guest uses. SDM Vol. 2D, "XSETBV".
//
//go:nosplit
func exitXSETBV(_ *CPU, v *VP) Verdict {
	val := v.Ctx.Regs[vmx.RAX]&0xffffffff | v.Ctx.Regs[vmx.RDX]<<32
	if vmcs.GuestSSAccess.Read()>>5&3 != 0 || uint32(v.Ctx.Regs[vmx.RCX]) != 0 || !takesXCR0(val) {
		return v.gp()
	}
	x86.XSETBV(0, val)
	v.Log.Set(&v.XCR0, val)
	return Advance | Changes
}
