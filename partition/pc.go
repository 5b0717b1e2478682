package partition

import (
	"perdure/kernel/x86"
	"perdure/partition/abi"
	"perdure/partition/lapic"
	"perdure/partition/tx"
)

// A guest of the PC platform has two 8259s and an 8254. The 8259s interrupt VP 0
// as a PC is wired: through its LINT0 as ExtINT, or directly while its local APIC
// is off. The timer's interrupt is also pin 2 of the I/O APIC.

// Interrupt lines of a PC.
const (
	irqTimer = 0
	pinTimer = 2 // of the I/O APIC
)

// The local vector table of VP 0 as a PC's firmware leaves it.
const (
	lvtExtINT = 7 << 8
	lvtNMI    = 4 << 8
	lvtMode   = 7 << 8
)

// old holds what is called from deep in a handler; see far.
var old = struct {
	inPIC       func(p *Partition, c *CPU, v *VP, port uint16) uint32
	outPIC      func(p *Partition, c *CPU, v *VP, port uint16, val uint32)
	inPIT       func(p *Partition, c *CPU, v *VP, port uint16) uint32
	outPIT      func(p *Partition, c *CPU, v *VP, port uint16, val uint32)
	tick        func(v *VP, c *CPU, now uint64)
	external    func(v *VP, c *CPU, vec int) int
	acknowledge func(v *VP, c *CPU)
}{(*Partition).inPIC, (*Partition).outPIC, (*Partition).inPIT, (*Partition).outPIT, (*VP).tick, (*VP).external, (*VP).acknowledge}

// extINT stands for an interrupt of the 8259s where a vector is looked for.
const extINT = 256

// resetPC puts the devices of the PC platform into their state after power-up.
func (p *Partition) resetPC() {
	p.PIC.Reset()
	p.PC = b2u(p.Kind == Guest && p.Config.Platform == abi.PlatformPC)
	if p.PC != 0 {
		p.PIC.Edge = 1 << abi.SCIGSI
		p.PIT.Reset(tab.Host.TSCHz, x86.RDTSC())
	}
}

// wire makes v's local APIC as a PC's firmware leaves it: in xAPIC mode, and that
// of VP 0 lets the interrupts of the 8259s through.
func (v *VP) wire() {
	v.LAPIC.Base &^= x86.APICBaseX2APIC
	if v.ID != 0 {
		return
	}
	v.Wired = wiredAll
	v.LAPIC.SVR |= lapic.SVREnable
	v.LAPIC.LVT[lapic.LVTLINT0], v.LAPIC.LVT[lapic.LVTLINT1] = lvtExtINT, lvtNMI
}

// hasPIC reports whether p has 8259s: on the PC platform; and root finds those of
// its machine, which never interrupt.
//
//go:nosplit
func (p *Partition) hasPIC() bool { return p.PC != 0 || p.Kind == Root }

// inPIC and outPIC are accesses to the 8259s.
//
//go:nosplit
func (p *Partition) inPIC(c *CPU, v *VP, port uint16) uint32 {
	c.lock(p)
	return ^uint32(0xff) | uint32(p.PIC.Read(&v.Log, port))
}

//go:nosplit
func (p *Partition) outPIC(c *CPU, v *VP, port uint16, val uint32) {
	c.lock(p)
	if p.PIC.Write(&v.Log, port, uint8(val)); p.PC != 0 {
		p.ask(c, &v.Log)
	}
}

// inPIT and outPIT are accesses to the 8254.
//
//go:nosplit
func (p *Partition) inPIT(c *CPU, v *VP, at uint16) uint32 {
	if p.Kind == Root && at != timerData {
		return ^uint32(0xff) | uint32(chip.in(at))
	}
	c.lock(p)
	return ^uint32(0xff) | uint32(p.PIT.Read(&v.Log, at, v.Ctx.TSC))
}

//go:nosplit
func (p *Partition) outPIT(c *CPU, v *VP, at uint16, val uint32) {
	b, ours := uint8(val), true
	if p.Kind == Root {
		b, ours = shared(at, b)
	}
	if !ours {
		return
	}
	c.lock(p)
	if p.PIT.Write(&v.Log, at, b, v.Ctx.TSC) {
		p.ask(c, &v.Log) // it arms the timer of VP 0
	}
}

// ask has VP 0 look whether the 8259s want it, after the commit.
//
//go:nosplit
func (p *Partition) ask(c *CPU, t *tx.Log) {
	v := p.VP(0)
	t.Or(&v.Events, EvIntr)
	c.Kicks |= 1 << (v.index() & 63)
}

// irq is an edge on an interrupt line of a PC.
//
//go:nosplit
func (p *Partition) irq(c *CPU, t *tx.Log, line uint64) {
	p.PIC.Pulse(t, line)
	p.ask(c, t)
}

// deadline returns the TSC value at which a timer of v's wants to interrupt, 0 if
// none does.
//
//go:nosplit
func (v *VP) deadline() uint64 {
	d := v.LAPIC.NextDeadline()
	if v.Wired == 0 {
		return d
	}
	if t := v.partition().PIT.Deadline; t != 0 && (d == 0 || t < d) {
		return t
	}
	return d
}

// tick lets the 8254 of v's partition interrupt if its time has come.
//
//go:nosplit
func (v *VP) tick(c *CPU, now uint64) {
	p := v.partition()
	c.lock(p)
	if p.PIT.Expire(&c.Log, now) {
		pin := uint64(pinTimer)
		if v.Wired == wiredAll {
			p.irq(c, &c.Log, irqTimer)
		} else {
			pin = tab.Host.NMILine - 1 - p.IOAPIC.GSI
		}
		if m, ok := p.IOAPIC.Pulse(&c.Log, pin); ok {
			p.message(c, &c.Log, &m)
		}
	}
	c.commit()
	c.unlock()
}

// external returns extINT if the 8259s have an interrupt for v, else vec. It also
// finds out when the 8254 wants one next.
//
//go:nosplit
func (v *VP) external(c *CPU, vec int) int {
	p := v.partition()
	if v.Wired != wiredAll {
		if p.PIT.Deadline != 0 {
			c.arm()
		}
		return vec
	}
	c.arm()
	if base := v.LAPIC.Base; base&lapic.BaseEnable != 0 {
		if lvt := v.LAPIC.LVT[lapic.LVTLINT0]; lvt&lapic.LVTMasked != 0 || lvt&lvtMode != lvtExtINT {
			return vec
		}
	}
	c.lock(p)
	if p.PIC.Wants() {
		vec = extINT
	}
	c.unlock()
	return vec
}

// acknowledge injects the interrupt that the 8259s have.
//
//go:nosplit
func (v *VP) acknowledge(c *CPU) {
	p := v.partition()
	c.lock(p)
	vec := p.PIC.Acknowledge(&v.Log)
	v.inject(uint64(vec)|injExternal|injValid, 0)
	more := p.PIC.Wants()
	c.unlock()
	v.In++
	if v.NotBefore != 0 {
		v.hold(c)
	}
	if more || v.LAPIC.Highest() >= 0 {
		v.open(windowIntr)
	}
}
