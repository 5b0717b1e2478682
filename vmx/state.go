package vmx

import (
	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// patReset is IA32_PAT after RESET. SDM Vol. 3A, "Page Attribute Table (PAT)".
const patReset = 0x0007040600070406

// segment writes one segment register.
//
//go:nosplit
func segment(s vmcs.Segment, sel uint16, base uint64, limit, access uint32) {
	s.Selector().Write(sel)
	s.Base().Write(base)
	s.Limit().Write(limit)
	s.Access().Write(access)
}

// begin writes the state that all starts have in common: that after INIT.
// SDM Vol. 3A, "Processor State After Reset".
//
//go:nosplit
func (c *Context) begin(cr0, cr4, efer, rip, rflags uint64) {
	c.Reset()
	setCR0(cr0)
	setCR4(cr4)
	vmcs.GuestCR3.Write(0)
	vmcs.GuestEFER.Write(efer)
	if efer&x86.EFERLMA != 0 {
		vmcs.EntryControls.Set(vmcs.EntryIA32e)
	} else {
		vmcs.EntryControls.Clear(vmcs.EntryIA32e)
	}
	vmcs.GuestPAT.Write(patReset)
	vmcs.GuestRIP.Write(rip)
	vmcs.GuestRSP.Write(0)
	vmcs.GuestRFLAGS.Write(rflags | x86.RFLAGSOne)
	vmcs.GuestDR7.Write(x86.DR7Init)
	vmcs.GuestDebugCtl.Write(0)
	vmcs.GuestLinkPointer.Write(^uint64(0))
	vmcs.GuestPendingDebug.Write(0)
	vmcs.GuestInterruptibility.Write(0)
	vmcs.GuestActivity.Write(vmcs.ActivityActive)
	vmcs.GuestSysenterCS.Write(0)
	vmcs.GuestSysenterESP.Write(0)
	vmcs.GuestSysenterEIP.Write(0)
	vmcs.EntryInterruptionInfo.Write(0)
	segment(vmcs.LDTR, 0, 0, 0xffff, vmcs.AccessLDT)
	segment(vmcs.TR, 0, 0, 0xffff, vmcs.AccessBusyTSS)
	table(0, 0xffff)
	vmcs.GuestIDTRBase.Write(0)
	vmcs.GuestIDTRLimit.Write(0xffff)
}

// table sets GDTR.
//
//go:nosplit
func table(base uint64, limit uint32) {
	vmcs.GuestGDTRBase.Write(base)
	vmcs.GuestGDTRLimit.Write(limit)
}

// setCR0 sets CR0 and what the guest sees of the bits that are not its own.
//
//go:nosplit
func setCR0(v uint64) {
	vmcs.CR0Shadow.Write(v)
	vmcs.GuestCR0.Write(v&^(x86.CR0CD|x86.CR0NW) | x86.CR0NE)
}

// setCR4 is the same for CR4.
//
//go:nosplit
func setCR4(v uint64) {
	vmcs.CR4Shadow.Write(v)
	vmcs.GuestCR4.Write(v | x86.CR4VMXE)
}

// StartSIPI puts the processor where a start-up IPI with vector puts it: real
// mode, at the first byte of page vector. SDM Vol. 3A, "Multiple-Processor (MP)
// Initialization".
//
//go:nosplit
func (c *Context) StartSIPI(vector uint8) {
	c.StartReal(uint16(vector)<<8, 0)
}

// StartReal begins in real mode at cs:ip, with everything else as after INIT.
//
//go:nosplit
func (c *Context) StartReal(cs, ip uint16) {
	c.begin(x86.CR0ET|x86.CR0CD|x86.CR0NW, 0, 0, uint64(ip), 0)
	segment(vmcs.CS, cs, uint64(cs)<<4, 0xffff, vmcs.AccessExec)
	for s := vmcs.ES; s <= vmcs.GS; s++ {
		if s != vmcs.CS {
			segment(s, 0, 0, 0xffff, vmcs.AccessData)
		}
	}
}

// StartReset begins where a processor begins after RESET: the firmware's entry,
// 16 bytes below 4 GiB.
//
//go:nosplit
func (c *Context) StartReset() {
	c.StartReal(0xf000, 0xfff0)
	vmcs.GuestCSBase.Write(0xffff0000)
}

// StartFlat begins in 32-bit protected mode without paging, with segments that
// hold all 4 GiB: what multiboot and PVH promise.
//
//go:nosplit
func (c *Context) StartFlat(entry uint32, gdt uint64, gdtLimit uint32, cs, ds uint16) {
	const wide = vmcs.AccessGranular | vmcs.AccessBig
	c.begin(x86.CR0ET|x86.CR0PE, 0, 0, uint64(entry), 0)
	c.flat(cs, ds, wide)
	table(gdt, gdtLimit)
}

// StartLong begins in 64-bit mode with the tables at cr3: the 64-bit entry of
// Linux and of the entry protocol of this hypervisor.
//
//go:nosplit
func (c *Context) StartLong(entry, cr3, gdt uint64, gdtLimit uint32, cs, ds uint16) {
	c.begin(x86.CR0ET|x86.CR0PE|x86.CR0PG|x86.CR0NE|x86.CR0WP|x86.CR0MP, x86.CR4PAE, x86.EFERLME|x86.EFERLMA, entry, 0)
	c.flat(cs, ds, vmcs.AccessGranular|vmcs.AccessLong)
	vmcs.GuestCR3.Write(cr3)
	table(gdt, gdtLimit)
}

// flat writes segments without base or limit; how is CS's size.
//
//go:nosplit
func (c *Context) flat(cs, ds uint16, how uint32) {
	segment(vmcs.CS, cs, 0, 0xffffffff, vmcs.AccessExec|how)
	for s := vmcs.ES; s <= vmcs.GS; s++ {
		if s != vmcs.CS {
			segment(s, ds, 0, 0xffffffff, vmcs.AccessData|vmcs.AccessGranular|vmcs.AccessBig)
		}
	}
}
