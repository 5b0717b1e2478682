package partition

import (
	"math/bits"

	"perdure/partition/abi"
	"perdure/partition/vcon"
	"perdure/partition/virtio"
)

// rootSlotConsole is where root has its console, on which it hears events.
const rootSlotConsole = 1

// maxSaid is how many bytes of one guest are kept in a row.
const maxSaid = 512

// serveConsole moves what p says to its ring, and what was typed or happened to p.
//
//go:nosplit
func serveConsole(c *CPU, p *Partition, slot, queues uint64) (more uint64) {
	if queues&(1<<vcon.QueueTransmit) != 0 {
		more = p.hear(c, slot)
	}
	p.talk(c, slot)
	return more
}

// hear takes what p says. Root says nothing that anybody listens to.
//
//go:nosplit
func (p *Partition) hear(c *CPU, slot uint64) (more uint64) {
	d, s := p.device(slot), &p.Console
	answered := false
	for said := uint64(0); said < maxSaid; said += vcon.Piece {
		n, found := s.Transmit(&p.RAM, d, &c.Chain)
		if found == virtio.Bad {
			p.malformed(c, slot)
			return 0
		}
		if found == virtio.Empty {
			return p.answered(c, slot, vcon.QueueTransmit, answered)
		}
		if p.Kind != Root {
			c.lock(p)
			for i := uint64(0); i < n; i++ {
				p.say(s.Byte(i), voiceVirtio)
			}
			c.unlock()
		}
		done := s.Listened(&c.Log, d, &c.Chain, n)
		c.commit()
		if done {
			answered = true
			d.Queue[vcon.QueueTransmit].Publish(&p.RAM)
		}
	}
	return p.answered(c, slot, vcon.QueueTransmit, answered) | 1<<vcon.QueueTransmit
}

// answered interrupts p if a queue has answers that its driver wants to hear of.
// It returns 0.
//
//go:nosplit
func (p *Partition) answered(c *CPU, slot, queue uint64, any bool) uint64 {
	if any && p.device(slot).Queue[queue&(virtio.MaxQueues-1)].Interrupts(&p.RAM) {
		p.interrupt(c, slot, virtio.ISRQueue)
	}
	return 0
}

// talk gives p what was typed for it or, if it is root, what has happened.
//
//go:nosplit
func (p *Partition) talk(c *CPU, slot uint64) {
	d, s := p.device(slot), &p.Console
	answered := false
	for p.hasNews() {
		room, found := s.Room(&p.RAM, d, &c.Chain)
		if found == virtio.Bad {
			p.malformed(c, slot)
			return
		}
		if found == virtio.Empty {
			break // p gives another buffer, and we are asked again
		}
		c.lock(p)
		n := p.news(c, room)
		took := n != 0 && s.Receive(&c.Log, &p.RAM, d, &c.Chain, n)
		if took {
			c.commit()
		}
		c.Log.Reset()
		c.unlock()
		if n == 0 {
			break // the other console was faster
		}
		if !took {
			p.malformed(c, slot)
			return
		}
		answered = true
		d.Queue[vcon.QueueReceive].Publish(&p.RAM)
	}
	p.answered(c, slot, vcon.QueueReceive, answered)
}

// hasNews reports whether there is something for p's console.
//
//go:nosplit
func (p *Partition) hasNews() bool {
	if p.Kind == Root {
		return p.Console.Events != 0
	}
	_, ok := p.typed(voiceVirtio)
	return ok
}

// news puts what there is for p's console into the console's piece, room bytes at
// most, and notes in the processor's log that p has it.
//
//go:nosplit
func (p *Partition) news(c *CPU, room uint64) (n uint64) {
	s := &p.Console
	if p.Kind == Root {
		e := uint64(bits.TrailingZeros64(s.Events)) & 63
		s.SetByte(0, eventByte(e))
		c.Log.Clear(&s.Events, 1<<e)
		return 1
	}
	t := &p.Tty
	for head := t.Head; head != t.Tail && n < room; head++ {
		s.SetByte(n, t.typedAt(head))
		n++
	}
	c.Log.Set(&t.Head, t.Head+n)
	return n
}

// resetConsole is the reset of a console by its driver.
//
//go:nosplit
func resetConsole(_ *CPU, p *Partition, _ uint64) { p.Console.Reset() }

// Events of a partition are two bits of vcon.State.Events, and a byte each of
// the interface.
const stateEvents = 16

//go:nosplit
func eventByte(e uint64) byte {
	if e >= stateEvents {
		return byte(abi.StateEvent + e - stateEvents)
	}
	return byte(abi.RingEvent + e)
}

// tellRing lets root know that a ring of p's has something new; p is not root.
//
//go:nosplit
func (p *Partition) tellRing(c *CPU) {
	root := Lookup(0)
	root.Console.Post(p.ID & (stateEvents - 1))
	root.device(rootSlotConsole).Ask(1 << vcon.QueueReceive)
	c.ask(root)
}

// tell lets root know that p's state changed.
func (p *Partition) tell() {
	root := Lookup(0)
	root.Console.Post(stateEvents + p.ID&(stateEvents-1))
	root.notify(rootSlotConsole, 1<<vcon.QueueReceive)
}

// typedFor has p's virtio console look at what was typed.
//
//go:nosplit
func (p *Partition) typedFor(c *CPU) {
	if p.Config.Flags&abi.ConfigConsole != 0 {
		p.device(abi.SlotConsole).Ask(1 << vcon.QueueReceive)
		c.ask(p)
	}
}
