package partition

import (
	"sync/atomic"

	"perdure/kernel/x86"
	"perdure/partition/abi"
	"perdure/partition/net"
	"perdure/partition/virtio"
)

// A card's port of the switch follows from its partition and its place there.
var _ = [1]struct{}{}[net.MaxPorts-MaxPartitions*abi.MaxNets]

//go:nosplit
func (p *Partition) port(slot uint64) uint64 { return p.ID*abi.MaxNets + slot - abi.SlotNet }

// card returns whose port i is, and the slot of the device.
//
//go:nosplit
func card(i uint64) (p *Partition, slot uint64) {
	return Lookup(i / abi.MaxNets), abi.SlotNet + i%abi.MaxNets
}

// connectNets tells the switch where devices and memory are.
func connectNets() {
	for i := range uint64(net.MaxPorts) {
		p, slot := card(i)
		net.Connect(i, net.Wire{Device: p.device(slot), Memory: &p.RAM})
	}
}

// plugNet makes a network card of a configuration, which gets an address if it
// has none.
func (p *Partition) plugNet(index uint64, n *abi.NetConfig, chance uint64) error {
	i := p.port(abi.SlotNet + index)
	if n.MAC == 0 {
		n.MAC = tab.Switch.Choose(chance, uint64(n.Group))
	}
	if n.MTU == 0 {
		n.MTU = net.DefaultMTU
	}
	if !tab.Switch.Plug(i, n.MAC, uint64(n.Group), uint64(n.MTU)) {
		return abi.ErrArgument
	}
	d := p.device(abi.SlotNet + index)
	d.Init(virtio.Net, net.Features, virtio.MaxSize, virtio.MaxSize)
	for w, val := range net.Config(n.MAC, uint64(n.MTU)) {
		d.Config[w] = val
	}
	return nil
}

// plugNets makes the network cards that a guest was configured with.
func (p *Partition) plugNets() error {
	for i := range uint64(p.Config.Nets) {
		chance := uint64(0)
		for k := range uint64(6) {
			chance = chance<<8 | uint64(p.Config.Seed[k+8*i])
		}
		if err := p.plugNet(i, &p.Config.Net[i], chance); err != nil {
			return err
		}
	}
	return nil
}

// unplugNets takes p's network cards from the switch. Whoever waited for one of
// them sends on. The control goroutine keeps the processor meanwhile.
func (p *Partition) unplugNets() {
	for slot := uint64(abi.SlotNet); slot < abi.SlotNet+abi.MaxNets; slot++ {
		d := p.device(slot)
		for !cas(&d.Owner, 0, never) {
			relax()
		}
		waited := tab.Switch.Unplug(p.port(slot))
		release(&d.Owner)
		for ; waited != 0; waited &= waited - 1 {
			q, slot := card(trailing(waited))
			q.notify(slot, 1<<net.QueueTransmit)
		}
	}
}

// serveNet serves a network card.
//
//go:nosplit
func serveNet(c *CPU, p *Partition, slot, queues uint64) (more uint64) {
	s, i := tab.Switch, p.port(slot)
	s.Up(i)
	if queues>>net.QueueReceive&1 != 0 {
		c.resend(s.Refill(i))
	}
	if queues>>net.QueueTransmit&1 != 0 && s.Send(i, c.Index, x86.RDTSC()) {
		more = 1 << net.QueueTransmit
	}
	netDelivered(c)
	return more
}

// resetNet takes a network card out until its driver is ready again.
//
//go:nosplit
func resetNet(c *CPU, p *Partition, slot uint64) { c.resend(tab.Switch.Down(p.port(slot), c.Index)) }

// resend has ports try again to send what waits there.
//
//go:nosplit
func (c *CPU) resend(ports uint64) {
	for ; ports != 0; ports &= ports - 1 {
		p, slot := card(trailing(ports))
		p.device(slot).Ask(1 << net.QueueTransmit)
		c.ask(p)
	}
}

// netDelivered is delivered, out of the linker's sight.
var netDelivered = (*CPU).delivered

// delivered interrupts those who want to know of frames that have come or gone.
//
//go:nosplit
func (c *CPU) delivered() {
	owed, failed := tab.Switch.Owed()
	for k := owed | owed>>net.MaxPorts | failed; k<<net.MaxPorts != 0; k &= k - 1 {
		i := trailing(k)
		p, slot := card(i)
		d := p.device(slot)
		bits := failed >> i & 1 * virtio.ISRConfig
		if d.Live() && (owed>>i&net.OweReceive != 0 && d.Queue[net.QueueReceive].Interrupts(&p.RAM) ||
			owed>>i&net.OweTransmit != 0 && d.Queue[net.QueueTransmit].Interrupts(&p.RAM)) {
			bits |= virtio.ISRQueue
		}
		if bits != 0 {
			p.interrupt(c, slot, bits)
		}
	}
}

// netPort is what port puts its answer together in.
var netPort abi.NetPort

// port returns what a port of the switch has done.
func port(part, index uint64) (*abi.NetPort, bool) {
	p := find(part)
	if p == nil || index >= abi.MaxNets {
		return nil, false
	}
	i := p.port(abi.SlotNet + index)
	s, r := &tab.Switch.Port[i], &netPort
	if s.Exists == 0 {
		return nil, false
	}
	*r = abi.NetPort{
		Header: abi.HeaderOf(r), Partition: uint32(part), Index: uint32(index), MAC: s.MAC, Group: uint32(s.Group), MTU: uint32(s.MTU),
		Up: uint32(b2u(tab.Switch.IsUp(i))), TxFrames: s.TxFrames, TxBytes: s.TxBytes, RxFrames: s.RxFrames, RxBytes: s.RxBytes,
		TxBad: atomic.LoadUint64(&s.TxBad), TxUnknown: s.TxUnknown, RxFull: s.RxFull, RxDropped: s.RxDropped, Learned: tab.Switch.Learned(i),
	}
	return r, true
}
