package partition

import (
	"sync/atomic"

	"perdure/kernel/console"
	"perdure/partition/serial"
	"perdure/partition/tx"
)

// serialPort is the serial port that every PC has first.
const serialPort = 0x3f8

// readSerial and writeSerial are accesses of the guest to its UART; p is locked.
//
//go:nosplit
func (p *Partition) readSerial(c *CPU, v *VP, reg uint8) uint8 {
	p.feedSerial()
	b, e := p.Serial.Read(&v.Log, uint16(reg), p.room())
	p.serialEffect(c, v, &e)
	return b
}

//go:nosplit
func (p *Partition) writeSerial(c *CPU, v *VP, reg, val uint8) {
	e := p.Serial.Write(&v.Log, uint16(reg), val, p.room())
	p.serialEffect(c, v, &e)
}

// room reports whether who listens to p's UART takes more bytes.
//
//go:nosplit
func (p *Partition) room() bool { return p.Kind != Root || console.Room() }

// serialEffect carries out what an access means: a byte for the console, the
// interrupt line.
//
//go:nosplit
func (p *Partition) serialEffect(c *CPU, v *VP, e *serial.Effect) {
	switch {
	case !e.Send:
	case p.Kind == Root:
		console.Put(e.Byte)
	default:
		p.say(e.Byte, voiceSerial)
	}
	if e.Rise {
		p.pulse(c, &v.Log)
	}
}

// pulse is an interrupt of the virtual UART, an edge as the ISA bus has it.
//
//go:nosplit
func (p *Partition) pulse(c *CPU, t *tx.Log) {
	if m, ok := p.IOAPIC.Pulse(t, p.SerialGSI-p.IOAPIC.GSI); ok {
		p.message(c, t, &m)
	}
	if p.PC != 0 {
		p.irq(c, t, p.SerialGSI)
	}
}

// console takes an interrupt of the machine's UART, which is ours: bytes go to
// root's UART or to our own console, and what waits to be sent goes on.
//
//go:nosplit
func (c *CPU) console() {
	console.Interrupt()
	if console.Typed() {
		atomic.OrUint64(&tab.Host.Work, WorkInput)
	}
	c.feed()
}

// feed gives root what was typed, and room to send.
//
//go:nosplit
func (c *CPU) feed() {
	p := Lookup(0)
	if p.Kind != Root {
		return
	}
	c.lock(p)
	for {
		b, ok := console.Input()
		if !ok || !p.Serial.Receive(b) {
			break
		}
		console.Taken()
	}
	if p.Serial.Waiting() && console.Room() {
		p.Serial.Drained(&c.Log)
		c.commit()
	}
	if p.Serial.High() {
		p.pulse(c, &c.Log)
		c.commit()
	}
	c.after()
}
