package partition

import (
	"perdure/partition/abi"
	"perdure/partition/pic"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// exitIO answers an IN, OUT, INS or OUTS of a port that the bitmap does not let
// through. SDM Vol. 3C, "Exit Qualification for I/O Instructions".
//
//go:nosplit
func exitIO(c *CPU, v *VP) Verdict {
	q := vmcs.IO(vmcs.ExitQualification.Read())
	if q.Many() {
		return stringIO(v, c, q)
	}
	if q.Port() == abi.Port && !q.In() && v.partition().Kind == Root {
		return v.hypercall(c, v.Ctx.Regs[vmx.RBX])
	}
	if q.In() {
		v.Ctx.OutRAX = merge(v.Ctx.Regs[vmx.RAX], v.in(c, q), q.Size())
		return Advance | RAX | Changes
	}
	v.out(c, q, uint32(v.Ctx.Regs[vmx.RAX])&widths[q.Size()&7])
	return Advance | Changes
}

// stringIO is (*VP).stringIO, and ports are what it leads to, out of the linker's
// sight.
var stringIO = (*VP).stringIO

var ports = struct {
	in  func(v *VP, c *CPU, q vmcs.IO) uint32
	out func(v *VP, c *CPU, q vmcs.IO, val uint32)
}{(*VP).in, (*VP).out}

// widths are the masks of operands by size in bytes.
var widths = [8]uint32{1: 0xff, 2: 0xffff, 4: 0xffffffff}

// merge returns register old after an instruction wrote its low size bytes.
//
//go:nosplit
func merge(old uint64, val uint32, size uint8) uint64 {
	switch size {
	case 1:
		return old&^0xff | uint64(val&0xff)
	case 2:
		return old&^0xffff | uint64(val&0xffff)
	}
	return uint64(val)
}

// in reads a port for the guest. Of an access that only touches our ports from
// below, nothing is carried out: no device answers across devices.
//
//go:nosplit
func (v *VP) in(c *CPU, q vmcs.IO) uint32 {
	p := v.partition()
	switch {
	case q.Port()&^7 == serialPort:
		c.lock(p)
		return ^uint32(0xff) | uint32(p.readSerial(c, v, uint8(q.Port()&7)))
	case pic.Has(q.Port()) && p.hasPIC():
		return old.inPIC(p, c, v, q.Port())
	case p.hasPIT(q.Port()):
		return old.inPIT(p, c, v, q.Port())
	case p.Kind == Root && isPower(q.Port()):
		return power(q, 0)
	case p.Kind == Guest && isGuestPort(q.Port()):
		return p.inGuest(c, q)
	}
	return ^uint32(0)
}

// out writes a port for the guest.
//
//go:nosplit
func (v *VP) out(c *CPU, q vmcs.IO, val uint32) {
	p := v.partition()
	switch {
	case q.Port()&^7 == serialPort:
		c.lock(p)
		p.writeSerial(c, v, uint8(q.Port()&7), uint8(val))
	case pic.Has(q.Port()) && p.hasPIC():
		old.outPIC(p, c, v, q.Port(), val)
	case p.hasPIT(q.Port()):
		old.outPIT(p, c, v, q.Port(), val)
	case p.Kind == Root && isPower(q.Port()):
		power(q, val)
	case p.Kind == Guest && isGuestPort(q.Port()):
		p.outGuest(c, v, q, val)
	}
}
