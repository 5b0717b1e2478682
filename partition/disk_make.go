package partition

import (
	"perdure/kernel/console"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/ept"
	"perdure/partition/abi"
	"perdure/partition/blk"
)

// stepDisks makes p's disks, a piece with each call. What is in them outlives the
// guest's resets.
func stepDisks(p *Partition) (done bool, err error) {
	for i := range p.Config.Disks {
		d, c := &p.Disks[i%abi.MaxDisks], &p.Config.Disk[i%abi.MaxDisks]
		switch {
		case d.Kind == 0:
			return false, newDisk(d, c, mm.Partition(p.ID))
		case d.Cleared == d.Size:
		case d.Kind == uint64(abi.DiskFile):
			return false, share(d)
		default:
			n := min(d.Size-d.Cleared, page2M)
			clear(mm.Bytes(addr.HPA(d.Base+d.Cleared), n))
			d.Cleared += n
			return false, nil
		}
	}
	return true, nil
}

// newDisk gives d memory, which is o's, or a ring.
func newDisk(d *blk.Disk, c *abi.DiskConfig, o mm.Owner) error {
	n := (c.Capacity + addr.PageSize - 1) &^ (addr.PageSize - 1)
	if c.Kind == abi.DiskFile {
		n, o = abi.RingBytes, mm.Shared
	}
	at, err := mm.Alloc(n, addr.PageSize, o)
	if err != nil {
		console.Say(console.Err).Str("a disk of ").Dec(c.Capacity >> 20).Str(" MiB: ").Str(err.Error()).End()
		return abi.ErrMemory
	}
	if c.Kind == abi.DiskFile {
		clear(mm.Bytes(at, n))
	}
	d.Init(c, uint64(at), n)
	return nil
}

// share maps a ring into root, at its own address: what is there is no memory of
// root's kernel, so a process may have it.
func share(d *blk.Disk) error {
	e := ept.Open(Lookup(0).RAM.EPTP)
	if err := e.Map(addr.GPA(d.Base), addr.HPA(d.Base), d.Size, ept.RW, ept.WB); err != nil {
		return abi.ErrMemory
	}
	d.Cleared = d.Size
	return nil
}

// loseDisks forgets the disks whose memory is p's own, which goes.
func (p *Partition) loseDisks() {
	for i := range p.Disks {
		if p.Disks[i].Kind == uint64(abi.DiskRAM) {
			p.Disks[i] = blk.Disk{}
		}
	}
}

// diskMemory returns how many bytes the disks of a configuration take.
func diskMemory(c *abi.Config) (n uint64) {
	for i := range c.Disk {
		switch c.Disk[i].Kind {
		case abi.DiskRAM:
			n += c.Disk[i].Capacity
		case abi.DiskFile:
			n += abi.RingBytes
		}
	}
	return n
}
