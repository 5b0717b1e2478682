package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/partition/abi"
	"perdure/partition/virtio"
)

// servers say who answers the queues of a device, by its kind. A server does a
// bounded piece of what waits in some of the device's queues, which it owns, and
// returns the queues in which it could go on at once. What has to wait for
// somebody else is not among them: who brings it asks again.
var servers = [virtio.NumIDs]func(c *CPU, p *Partition, slot, queues uint64) (more uint64){
	virtio.Net:     serveNet,
	virtio.Block:   serveDisk,
	virtio.Console: serveConsole,
	virtio.Entropy: serveEntropy,
}

// resetters make what else is kept of a device as after power-up. Doing it again
// changes nothing; the device is owned.
var resetters = [virtio.NumIDs]func(c *CPU, p *Partition, slot uint64){
	virtio.Net:     resetNet,
	virtio.Block:   resetDisk,
	virtio.Console: resetConsole,
}

// maxRounds is how often a dispatcher serves devices before it runs a VP.
const maxRounds = 16

// serveLater is serveDevices, out of the linker's sight.
var serveLater = (*CPU).serveDevices

// serveDevices does a piece of what devices have to do here. The rest is asked
// for again. It is called when an exit has been committed, with no lock held.
//
//go:nosplit
func (c *CPU) serveDevices() {
	for todo := atomic.SwapUint64(&c.Serve, 0); todo != 0; todo &= todo - 1 {
		p := Lookup(trailing(todo))
		for slot := uint64(0); slot < abi.NumSlots; slot++ {
			if atomic.LoadUint64(&p.device(slot).Kick) != 0 {
				c.serveDevice(p, slot)
			}
		}
	}
	if c.Serve != 0 {
		c.Leave = 1 // the top of the dispatcher's loop goes on with it
	}
}

// serveDevice serves a device unless somebody does, who then looks again: either
// it finds the bit in Kick, or we find it without an owner.
//
//go:nosplit
func (c *CPU) serveDevice(p *Partition, slot uint64) {
	d := p.device(slot)
	for range 2 {
		if atomic.LoadUint64(&d.Kick) == 0 || !c.own(d, false) {
			return
		}
		more := c.serveOwned(p, slot)
		atomic.OrUint64(&d.Kick, more)
		release(&d.Owner)
		if more != 0 {
			break
		}
	}
	if atomic.LoadUint64(&d.Kick) != 0 {
		c.ask(p)
	}
}

// serveOwned serves a device that this processor owns.
//
//go:nosplit
func (c *CPU) serveOwned(p *Partition, slot uint64) (more uint64) {
	d := p.device(slot)
	kick := atomic.LoadUint64(&d.Kick)
	if kick&virtio.KickReset != 0 {
		c.resetDevice(p, slot)
		return 0
	}
	atomic.AndUint64(&d.Kick, ^kick)
	if !d.Live() || d.ID >= virtio.NumIDs {
		return 0
	}
	if kick&virtio.KickRaise != 0 {
		for i := range d.Queue {
			d.Queue[i].Publish(&p.RAM)
		}
	}
	if serve := servers[d.ID]; serve != nil {
		more = serve(c, p, slot, kick&virtio.KickQueues)
	}
	if kick&virtio.KickRaise != 0 && d.Live() {
		p.interrupt(c, slot, virtio.ISRQueue|virtio.ISRConfig)
	}
	return more
}

// resetDevice puts a device that this processor owns into its state after
// power-up.
//
//go:nosplit
func (c *CPU) resetDevice(p *Partition, slot uint64) {
	d := p.device(slot)
	if d.ID < virtio.NumIDs {
		if reset := resetters[d.ID]; reset != nil {
			reset(c, p, slot)
		}
	}
	d.Reset()
}

// serveSome serves devices until there is nothing to do, or a VP should have its
// turn.
//
//go:nosplit
func (c *CPU) serveSome() {
	for range maxRounds {
		if atomic.LoadUint64(&c.Serve) == 0 {
			break
		}
		c.after()
	}
	c.Leave = 0
}

// kickDevices has every device of p's look at its queues and interrupt once.
//
//go:nosplit
func (p *Partition) kickDevices(c *CPU) {
	for i := range p.Devices {
		p.Devices[i].KickAll()
	}
	c.ask(p)
}

// notify has some queues of a device served, from anywhere.
//
//go:nosplit
func (p *Partition) notify(slot, queues uint64) {
	p.device(slot).Ask(queues)
	c := this()
	c.ask(p)
	apic.SendIPI(uint32(c.APICID), kernel.VectorKick) // we may be elsewhere by now, and c asleep
}

// dropOwned gives back the devices that this processor owned when a fault of ours
// came between. They are served again, but not for ever.
//
//go:nosplit
func (c *CPU) dropOwned() {
	c.Owned = 0
	for i := range tab.Partitions {
		p := &tab.Partitions[i]
		if p.State == Free {
			continue
		}
		for j := range p.Devices {
			d := &p.Devices[j]
			if atomic.LoadUint64(&d.Owner) != c.Index+1 {
				continue
			}
			if d.Faults++; d.Faults < maxUnwound {
				d.KickAll()
				c.ask(p)
			} else {
				atomic.OrUint64(&d.Status, virtio.StatusNeedsReset)
			}
			release(&d.Owner)
		}
	}
}
