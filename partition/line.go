package partition

import (
	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/partition/ioapic"
)

// line takes a physical interrupt of global system interrupt gsi.
//
//go:nosplit
func (c *CPU) line(gsi uint64) {
	if gsi == tab.Host.ConsoleGSI {
		c.console()
		return
	}
	p := Lookup(0)
	if p.Kind != Root || gsi >= MaxLines || p.Lines[gsi].Owned == 0 {
		c.Stray++
		return
	}
	c.lock(p)
	l := &p.Lines[gsi]
	l.In++
	if m, ok := p.IOAPIC.Interrupt(&c.Log, gsi-p.IOAPIC.GSI); ok {
		p.message(c, &c.Log, &m)
		l.Out++
	}
	c.commit()
	p.program(gsi - p.IOAPIC.GSI)
	c.after()
}

// programLater is programLines, out of the linker's sight.
var programLater = (*CPU).programLines

// programLines puts the physical lines of p as the pins that changed want them.
// It is a function of kept state and may be done again at any time.
//
//go:nosplit
func (c *CPU) programLines() {
	p := Lookup(0)
	for k := c.Program; k != 0; k &= k - 1 {
		p.program(trailing(k))
	}
	c.Program = 0
}

// program puts the physical line behind one pin as the pin wants it. The line
// goes to the processor of the VP that the guest chose.
//
//go:nosplit
func (p *Partition) program(pin uint64) {
	gsi := pin + p.IOAPIC.GSI
	if gsi >= MaxLines || gsi == tab.Host.ConsoleGSI || p.Lines[gsi].Owned == 0 {
		return
	}
	l := p.IOAPIC.Physical(pin)
	p.Lines[gsi].Level, p.Lines[gsi].Masked = b2u(l.Level), b2u(l.Masked)
	apic.Route(uint32(gsi), uint8(kernel.VectorLine+gsi), uint32(p.target(pin)), l.Level, l.ActiveLow, l.Masked)
}

// target returns the APIC id of the processor that pin's interrupts should come to.
//
//go:nosplit
func (p *Partition) target(pin uint64) uint64 {
	dest, logical := p.IOAPIC.Destination(pin)
	for i := uint64(0); i < p.VPs; i++ {
		if v := p.VP(i); v.LAPIC.Match(dest, logical) {
			return tab.CPUs[v.CPU&(MaxCPUs-1)].APICID
		}
	}
	return tab.CPUs[0].APICID
}

// ioapicEffect carries out what a write to the I/O APIC means.
//
//go:nosplit
func (v *VP) ioapicEffect(c *CPU, e *ioapic.Effect) {
	switch e.Kind {
	case ioapic.Pin:
		if e.Deliver {
			v.partition().message(c, &v.Log, &e.Message)
		}
		if e.Backed {
			c.Program |= 1 << (e.Pin & 63)
		}
	case ioapic.EOI:
		v.endInterrupt(c, e.Vector)
	}
}

//go:nosplit
func b2u(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
