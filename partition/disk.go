package partition

import (
	"perdure/partition/abi"
	"perdure/partition/blk"
	"perdure/vmx"
)

// disk returns the disk whose device is in a slot.
//
//go:nosplit
func (p *Partition) disk(slot uint64) *blk.Disk {
	return &p.Disks[(slot-abi.SlotDisk)&(abi.MaxDisks-1)]
}

// serveDisk does requests to a disk, and passes on the answers of its server.
//
//go:nosplit
func serveDisk(c *CPU, p *Partition, slot, queues uint64) (more uint64) {
	r := p.disk(slot).Serve(p.device(slot), &p.RAM, &c.Chain)
	if r&blk.Tell != 0 {
		p.tellRing(c)
		p.disk(slot).Told()
	}
	p.answered(c, slot, 0, r&blk.Answered != 0)
	if r&blk.Broken != 0 {
		p.malformed(c, slot)
		return 0
	}
	if r&blk.More != 0 {
		return queues
	}
	return 0
}

// resetDisk is the reset of a disk by its driver.
//
//go:nosplit
func resetDisk(_ *CPU, p *Partition, slot uint64) { p.disk(slot).Reset() }

// ring answers CallRing: there are answers in the ring of a disk. It is done at
// the exit, and may be done again.
//
//go:nosplit
func (v *VP) ring(c *CPU) Verdict {
	id, i := v.Ctx.Regs[vmx.RDI], v.Ctx.Regs[vmx.RSI]
	if id >= MaxPartitions || i >= abi.MaxDisks {
		return v.refuse(abi.ErrNone)
	}
	p := Lookup(id)
	if p.State == Free || p.Disks[i&(abi.MaxDisks-1)].Kind != uint64(abi.DiskFile) {
		return v.refuse(abi.ErrNone)
	}
	p.device(abi.SlotDisk + i).Ask(1)
	c.ask(p)
	return v.answer(0, v.Ctx.Regs[vmx.RDX]) | Changes
}

// diskAnswer is scratch for one answer.
var diskAnswer abi.DiskInfo

// describeDisk returns the record of a disk. A ring that is going away is not told of.
func describeDisk(id, i uint64) (*abi.DiskInfo, abi.Errno) {
	p, err := guest(id)
	if err != 0 {
		return nil, err
	}
	if i >= abi.MaxDisks || p.Disks[i].Kind == 0 {
		return nil, abi.ErrNone
	}
	d, r := &p.Disks[i], &diskAnswer
	*r = abi.DiskInfo{
		Header: abi.HeaderOf(r), Partition: uint32(id), Index: uint32(i), Kind: abi.DiskKind(d.Kind), Flags: uint32(d.ReadOnly),
		Capacity: d.Capacity, Reads: d.Reads, Writes: d.Writes, Flushes: d.Flushes, Errors: d.Errors, Moved: d.Moved,
		InFlight: d.InFlight(), Serial: p.Config.Disk[i].Serial,
	}
	if r.Kind == abi.DiskFile && d.Cleared == d.Size && p.State != Destroying {
		r.Ring, r.RingSize = d.Base, d.Size
	}
	return r, 0
}
