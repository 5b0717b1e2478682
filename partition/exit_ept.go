package partition

import (
	"perdure/partition/virtio"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// exitEPTViolation answers an access to guest-physical memory that the EPT does
// not allow: a device window, or nothing at all.
//
//go:nosplit
func exitEPTViolation(c *CPU, v *VP) Verdict {
	gpa := vmcs.GuestPhysicalAddress.Read()
	if v.serves() {
		return v.outside(gpa)
	}
	q := vmcs.DecodeEPT(vmcs.ExitQualification.Read())
	if uint64(vmcs.IDTVectoringInfo.Read())&injValid != 0 {
		v.redeliver()
		return v.nowhere(gpa)
	}
	if q.UnblockNMI {
		vmcs.GuestInterruptibility.Write(vmcs.GuestInterruptibility.Read() | vmcs.BlockedByNMI)
	}
	switch { // what is not there reads as ones
	case !q.Final:
		return v.walkNowhere(q)
	case q.Fetch:
		return v.ud()
	}
	w := v.partition().window(v, gpa)
	in := v.decoded()
	if in == nil {
		return v.askDecode()
	}
	if in.Op == OpNone {
		return v.gp() // an instruction that is not for devices
	}
	return v.mmio(c, in, w, gpa)
}

// Device windows in guest-physical memory.
const (
	windowNothing = iota // nobody: reads are all ones, writes are lost
	windowIOAPIC
	windowLAPIC
	windowDevice // of slot 0; those of the others follow
)

// window returns which device answers at gpa.
//
//go:nosplit
func (p *Partition) window(v *VP, gpa uint64) int {
	switch gpa &^ 0xfff {
	case ioapicWindow:
		return windowIOAPIC
	case lapicWindow:
		if v.LAPIC.X1() {
			return windowLAPIC
		}
	}
	if slot, ok := p.deviceAt(gpa); ok {
		return windowDevice + int(slot)
	}
	return windowNothing
}

// walkNowhere answers an access whose page tables lie where there is no memory:
// the entry of all ones has reserved bits set.
//
//go:nosplit
func (v *VP) walkNowhere(q vmcs.EPTViolation) Verdict {
	if !q.LinearValid { // the page directory pointers of MOV CR3
		return v.gp()
	}
	code := uint64(pfP | pfReserved)
	if vmcs.GuestSSAccess.Read()>>5&3 == 3 {
		code |= pfU
	}
	return v.pageFault(vmcs.GuestLinearAddress.Read(), code)
}

// nowhere answers an event whose delivery cannot be carried out: its tables or
// its stack are where there is no memory.
//
//go:nosplit
func (v *VP) nowhere(gpa uint64) Verdict {
	v.stop(WhyBadAccess, uint64(vmcs.ReasonEPTViolation))
	v.partition().WhyQual = gpa
	return Resume | Park
}

// mmio carries out a decoded instruction on a device window.
//
//go:nosplit
func (v *VP) mmio(c *CPU, in *Insn, w int, gpa uint64) Verdict {
	off := uint32(gpa & 0xfff)
	p := v.partition()
	switch {
	case w < windowDevice:
		c.lock(p)
	case in.Op != OpLoad && virtio.Private(off):
		c.ownForExit(p, uint64(w-windowDevice))
	}
	old := uint64(0)
	if in.Reads {
		old = v.readWindow(w, off, in.Size)
	}
	src := in.Imm
	if in.FromReg {
		src = v.part(in.Reg, in.High, in.Size)
	}
	v.Ctx.Len = uint64(in.Len)
	val := old
	switch in.Op {
	case OpLoad:
		return v.setReg(in, old) | Changes
	case OpStore:
		val = src
	case OpAnd:
		val = old & src
	case OpOr:
		val = old | src
	case OpXor:
		val = old ^ src
	case OpTest:
		v.logicFlags(old&src, in.Size)
		return Advance | Changes
	case OpCmp:
		if in.ToReg {
			old, src = src, old
		}
		v.compareFlags(old, src, in.Size)
		return Advance | Changes
	case OpXchg:
		return v.setReg(in, old) | writeWindow(v, c, w, off, in.Size, src)
	}
	if in.Op == OpAnd || in.Op == OpOr || in.Op == OpXor {
		v.logicFlags(val, in.Size)
		if in.ToReg {
			return v.setReg(in, val) | Changes
		}
	}
	return writeWindow(v, c, w, off, in.Size, val)
}

// writeWindow is writeDevice, out of the linker's sight.
var writeWindow = (*VP).writeDevice

// writeDevice writes size bytes of a device window.
//
//go:nosplit
func (v *VP) writeDevice(c *CPU, w int, off uint32, size uint8, val uint64) Verdict {
	switch w {
	case windowNothing:
	case windowIOAPIC:
		e := v.partition().IOAPIC.Write(&v.Log, off, uint32(val))
		v.ioapicEffect(c, &e)
	case windowLAPIC:
		e := v.LAPIC.WriteMMIO(&v.Log, uint64(off), uint32(val), v.Ctx.TSC)
		return v.lapicEffect(c, &e)
	default:
		v.writeRegister(c, uint64(w-windowDevice), off, size, val)
	}
	return Advance | Changes
}

//go:nosplit
func (v *VP) readWindow(w int, off uint32, size uint8) uint64 {
	switch w {
	case windowIOAPIC:
		return uint64(v.partition().IOAPIC.Read(off))
	case windowLAPIC:
		return uint64(v.LAPIC.ReadMMIO(uint64(off), v.Ctx.TSC))
	case windowNothing:
		return ^uint64(0)
	}
	return v.partition().readRegister(uint64(w-windowDevice), off, size)
}

// part returns the low size bytes of a register, or the byte above the lowest.
//
//go:nosplit
func (v *VP) part(r vmcs.Register, high bool, size uint8) uint64 {
	val := v.Ctx.Reg(r)
	if high {
		val >>= 8
	}
	if size >= 8 {
		return val
	}
	return val & (1<<(8*size&63) - 1)
}

// setReg has the instruction's register get val.
//
//go:nosplit
func (v *VP) setReg(in *Insn, val uint64) Verdict {
	if in.Size < 8 {
		val &= 1<<(8*in.Size&63) - 1
	}
	if in.Sign {
		s := 64 - 8*in.Size&63
		val = uint64(int64(val<<s) >> s)
	}
	i := vmx.Index(in.Reg)
	if in.Reg == vmcs.RSP {
		vmcs.GuestRSP.Write(val)
		return Advance
	}
	old := v.Ctx.Regs[i]
	switch {
	case in.High:
		val = old&^0xff00 | val&0xff<<8
	case in.Dst == 1:
		val = old&^0xff | val&0xff
	case in.Dst == 2:
		val = old&^0xffff | val&0xffff
	case in.Dst == 4:
		val &= 0xffffffff
	}
	v.Ctx.OutRAX, v.Ctx.OutIndex = val, i
	return Advance | Reg
}
