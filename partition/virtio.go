package partition

import (
	"sync/atomic"

	"perdure/partition/abi"
	"perdure/partition/virtio"
)

// deviceAt returns the slot of the virtio device whose window has gpa.
//
//go:nosplit
func (p *Partition) deviceAt(gpa uint64) (slot uint64, ok bool) {
	off := gpa - p.DeviceBase
	return off / abi.DeviceStride, p.DeviceBase != 0 && off < abi.NumSlots*abi.DeviceStride
}

// own makes this processor the one that serves or changes a device. It is tried
// once if wait is false. Nobody who holds the lock of a partition may wait for
// this.
//
//go:nosplit
func (c *CPU) own(d *virtio.Device, wait bool) bool {
	for !cas(&d.Owner, 0, c.Index+1) {
		if !wait {
			return false
		}
		relax()
	}
	return true
}

// ownForExit makes this processor the owner of a device until the exit that is
// being handled is committed. What the driver reset before is reset then.
//
//go:nosplit
func (c *CPU) ownForExit(p *Partition, slot uint64) {
	d := p.device(slot)
	c.own(d, true)
	c.Owned = 1 + p.ID*abi.NumSlots + slot
	if atomic.LoadUint64(&d.Kick)&virtio.KickReset != 0 {
		c.resetDevice(p, slot)
	}
}

// disown ends what ownForExit began.
//
//go:nosplit
func (c *CPU) disown() {
	if c.Owned != 0 {
		slot := c.Owned - 1
		c.Owned = 0
		release(&Lookup(slot / abi.NumSlots).device(slot % abi.NumSlots).Owner)
	}
}

// device returns the device in a slot.
//
//go:nosplit
func (p *Partition) device(slot uint64) *virtio.Device {
	return &p.Devices[slot&(abi.NumSlots-1)]
}

// readRegister and writeRegister are accesses of a guest to a device's window.
//
//go:nosplit
func (p *Partition) readRegister(slot uint64, off uint32, size uint8) uint64 {
	return p.device(slot).Read(off, size)
}

//go:nosplit
func (v *VP) writeRegister(c *CPU, slot uint64, off uint32, size uint8, val uint64) {
	p := v.partition()
	if p.device(slot).Write(&v.Log, off, size, val) == virtio.Serve {
		c.ask(p)
	}
}

// ask has this processor look at p's devices after the exit that it handles.
//
//go:nosplit
func (c *CPU) ask(p *Partition) { atomic.OrUint64(&c.Serve, 1<<(p.ID&(MaxPartitions-1))) }

// interrupt tells p's guest that a device has something: bits of ISR. No lock of
// a partition is held.
//
//go:nosplit
func (p *Partition) interrupt(c *CPU, slot, bits uint64) {
	d := p.device(slot)
	c.lock(p)
	c.Log.Or(&d.ISR, bits)
	c.Log.Set(&d.Raised, d.Raised+1)
	if m, ok := p.IOAPIC.Pulse(&c.Log, p.DeviceGSI+slot-p.IOAPIC.GSI); ok {
		p.message(c, &c.Log, &m)
	}
	c.commit()
	c.unlock()
}

// malformed takes a device out of service whose queue cannot be made sense of,
// until its driver resets it.
//
//go:nosplit
func (p *Partition) malformed(c *CPU, slot uint64) {
	p.device(slot).Break(&c.Log)
	c.commit()
	p.interrupt(c, slot, virtio.ISRConfig)
}

// commit makes the changes in the processor's own log. If it is cut short, it is
// done again before the processor goes on.
//
//go:nosplit
func (c *CPU) commit() {
	c.Committed = 1
	c.Log.Apply()
	c.Committed = 0
}
