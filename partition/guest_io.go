package partition

import (
	"sync/atomic"

	"perdure/partition/abi"
	"perdure/partition/cmos"
	"perdure/partition/pm"
	"perdure/vmx/vmcs"
)

// isGuestPort reports whether a port belongs to the fixed hardware of a guest, or is
// one that a PC is reset by.
//
//go:nosplit
func isGuestPort(port uint16) bool {
	return port-abi.PM1Event < pm.Ports || cmos.Has(port) || port == 0x64 || port == 0xcf9
}

// inGuest reads such a port.
//
//go:nosplit
func (p *Partition) inGuest(c *CPU, q vmcs.IO) uint32 {
	off := uint32(q.Port() - abi.PM1Event)
	if off >= pm.Ports && !cmos.Has(q.Port()) {
		return ^uint32(0)
	}
	c.lock(p)
	if cmos.Has(q.Port()) {
		return ^uint32(0xff) | uint32(p.CMOS.Read(q.Port(), wallClock()))
	}
	return p.PM.Read(off, q.Size())
}

// outGuest writes such a port.
//
//go:nosplit
func (p *Partition) outGuest(c *CPU, v *VP, q vmcs.IO, val uint32) {
	switch {
	case q.Port() == 0x64:
		if val&0xff == 0xfe { // the keyboard controller pulls the reset line
			v.end(WhyReset)
		}
		return
	case q.Port() == 0xcf9:
		if val&6 == 6 {
			v.end(WhyReset)
		}
		return
	}
	c.lock(p)
	if cmos.Has(q.Port()) {
		p.CMOS.Write(&v.Log, q.Port(), uint8(val))
		return
	}
	e := p.PM.Write(&v.Log, uint32(q.Port()-abi.PM1Event), q.Size(), val)
	switch {
	case e.Reset && e.Value == abi.ResetValue:
		v.end(WhyReset)
	case e.Sleep && e.Type == abi.SleepOff:
		v.end(WhyHalted)
	case e.Level:
		p.sci(c, v, e.High)
	}
}

// end ends v's partition after this exit.
//
//go:nosplit
func (v *VP) end(why uint64) {
	v.stop(why, uint64(vmcs.ReasonIO))
	atomic.OrUint64(&v.Events, EvStop) // leaves the loop that would enter it again
}

// sci gives the interrupt line of the fixed hardware its level.
//
//go:nosplit
func (p *Partition) sci(c *CPU, v *VP, high bool) {
	if p.PC != 0 {
		if p.ask(c, &v.Log); high {
			p.PIC.Assert(&v.Log, abi.SCIGSI)
		} else {
			p.PIC.Deassert(&v.Log, abi.SCIGSI)
		}
	}
	if !high {
		p.IOAPIC.Deassert(&v.Log, abi.SCIGSI)
	} else if m, ok := p.IOAPIC.Assert(&v.Log, abi.SCIGSI); ok {
		p.message(c, &v.Log, &m)
	}
}

// press is the power button, seen by v's processor.
//
//go:nosplit
func (v *VP) press(c *CPU) {
	p := v.partition()
	c.lock(p)
	v.Log.Clear(&v.Events, EvButton)
	if p.PM.Press(&v.Log) {
		p.sci(c, v, true)
	}
	v.settle()
	c.after()
}
