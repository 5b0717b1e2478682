package partition

import (
	"perdure/kernel/x86"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// stringIO does one element of an INS or OUTS; with a repeat prefix the
// instruction exits once for each.
//
//go:nosplit
func (v *VP) stringIO(c *CPU, q vmcs.IO) Verdict {
	info := vmcs.DecodeStringIO(vmcs.ExitInstructionInfo.Read())
	addrMask := ^uint64(0) >> (64 - info.AddressBits&127)
	count := v.Ctx.Regs[vmx.RCX] & addrMask
	if q.Rep() && count == 0 {
		return Advance
	}
	index, seg := vmx.RSI, info.Segment
	if q.In() {
		index, seg = vmx.RDI, vmcs.ES
	}
	off := v.Ctx.Regs[index] & addrMask
	la, ok := v.linear(seg, off)
	if !ok {
		return v.gp()
	}
	m, bad, code := v.operand(la, q.Size(), q.In())
	switch {
	case bad == badMemory:
		return v.gp()
	case bad != 0:
		return v.pageFault(m.fault, code)
	}
	if q.In() {
		m.write(v.partition(), ports.in(v, c, q))
	} else {
		ports.out(v, c, q, m.read(v.partition())&widths[q.Size()&7])
	}
	step := uint64(q.Size())
	if vmcs.GuestRFLAGS.Read()&x86.RFLAGSDF != 0 {
		step = -step
	}
	v.Log.Set(&v.Ctx.Regs[index], wrap(v.Ctx.Regs[index], off+step, info.AddressBits))
	if !q.Rep() {
		return Advance | Changes
	}
	v.Log.Set(&v.Ctx.Regs[vmx.RCX], wrap(v.Ctx.Regs[vmx.RCX], count-1, info.AddressBits))
	if count == 1 {
		return Advance | Changes
	}
	v.trapStep() // of each element
	return Changes
}

// wrap returns a register that had old after an update to val by an instruction
// with addresses of so many bits.
//
//go:nosplit
func wrap(old, val uint64, bits uint8) uint64 {
	switch bits {
	case 16:
		return old&^0xffff | val&0xffff
	case 32:
		return val & 0xffffffff
	}
	return val
}

// linear returns the linear address of off in a segment; false: it is not
// canonical.
//
//go:nosplit
func (v *VP) linear(seg vmcs.Segment, off uint64) (uint64, bool) {
	if !v.in64() {
		return (seg.Base().Read() + off) & 0xffffffff, true
	}
	if seg == vmcs.FS || seg == vmcs.GS {
		off += seg.Base().Read()
	}
	return off, canonical(off)
}

// canonical reports whether la is an address of 48 bits, extended by its sign.
//
//go:nosplit
func canonical(la uint64) bool { return uint64(int64(la<<16)>>16) == la }

// badMemory of operand: the page has no memory.
const badMemory = 2

// memory is where an operand of up to four bytes lies: on one page or on two.
type memory struct {
	gpa   [2]uint64
	size  [2]uint8
	fault uint64 // linear address of the fault
}

// operand finds an operand and marks its pages as the access would. bad is 0, 1
// for a page fault with code at fault, or badMemory.
//
//go:nosplit
func (v *VP) operand(la uint64, size uint8, write bool) (m memory, bad int, code uint64) {
	w := v.walker()
	m.size[0] = size
	if room := uint64(0x1000 - la&0xfff); uint64(size) > room {
		m.size[0], m.size[1] = uint8(room), size-uint8(room)
	}
	for i := range m.gpa {
		if m.size[i] == 0 {
			break
		}
		m.fault = la
		var ok bool
		if m.gpa[i], ok, code = w.translate(la, write); !ok {
			return m, 1, code
		}
		if _, ok = v.partition().read(m.gpa[i], 1); !ok {
			return m, badMemory, 0
		}
		la += uint64(m.size[i])
	}
	return m, 0, 0
}

// read reads the operand.
//
//go:nosplit
func (m *memory) read(p *Partition) uint32 {
	val, shift := uint64(0), uint(0)
	for i := range m.gpa {
		for k := uint64(0); k < uint64(m.size[i]); k++ {
			b, _ := p.read(m.gpa[i]+k, 1)
			val |= b << (shift & 31)
			shift += 8
		}
	}
	return uint32(val)
}

// write writes it.
//
//go:nosplit
func (m *memory) write(p *Partition, val uint32) {
	for i := range m.gpa {
		for k := uint64(0); k < uint64(m.size[i]); k++ {
			p.write(m.gpa[i]+k, uint64(val), 1)
			val >>= 8
		}
	}
}
