package partition

import (
	"perdure/mm/addr"
	"perdure/partition/abi"
	"perdure/vmx"
)

// typeMost is how many bytes one CallWrite takes.
const typeMost = 128

// farther is far for what itself uses far.
var farther = struct {
	snap        func(v *VP)
	kickDevices func(p *Partition, c *CPU)
	typeTo      func(v *VP, c *CPU, size uint64) Verdict
	ring        func(v *VP, c *CPU) Verdict
}{(*VP).snap, (*Partition).kickDevices, (*VP).typeTo, (*VP).ring}

// deliverLater is deliverTyped, out of the linker's sight.
var deliverLater = (*Partition).deliverTyped

// typeTo answers CallWrite: bytes for a guest's console. It is done at the exit,
// since it changes devices. A call that is done again types its bytes twice.
//
//go:nosplit
func (v *VP) typeTo(c *CPU, size uint64) Verdict {
	id, at := v.Ctx.Regs[vmx.RDI], v.Ctx.Regs[vmx.RSI]
	if id >= MaxPartitions || Lookup(id).Kind != Guest || Lookup(id).State == Free {
		return v.refuse(abi.ErrNone)
	}
	p := Lookup(id)
	if p.Tty.Ring == 0 || p.State == Creating || p.State == Destroying {
		return v.refuse(abi.ErrState)
	}
	w := v.walker()
	c.lock(p)
	n, gpa := uint64(0), uint64(0)
	for size = min(size, typeMost); n < size; n++ {
		la := at + n
		if n == 0 || la&(addr.PageSize-1) == 0 {
			var ok bool
			if gpa, ok, _ = w.translate(la, false); !ok {
				if n != 0 {
					break
				}
				v.BadCalls++
				return v.answer(abi.ErrFault.RAX(), la&^(addr.PageSize-1))
			}
		}
		b, ok := w.p.read(gpa, 1)
		if !ok || !p.typing(byte(b)) {
			break
		}
		gpa++
	}
	deliverLater(p, c, v)
	return v.answer(n, v.Ctx.Regs[vmx.RDX]) | Changes
}

// deliverTyped tells p's consoles that something was typed. p is locked.
//
//go:nosplit
func (p *Partition) deliverTyped(c *CPU, v *VP) {
	p.feedSerial()
	if p.Serial.High() {
		p.pulse(c, &v.Log)
	}
	p.typedFor(c)
}
