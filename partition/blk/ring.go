package blk

import (
	"sync/atomic"

	"perdure/partition/abi"
)

// begin makes the ring at d's memory, which nobody reaches yet.
func (d *Disk) begin() {
	r := d.ring()
	*r = abi.RingHead{
		Magic: abi.RingMagic, Version: abi.RingVersion, Slots: abi.RingSlots, SlotSize: abi.RingSlotMax,
		Flags: uint32(d.ReadOnly), Capacity: d.Capacity,
	}
}

// slot returns slot i of the ring.
//
//go:nosplit
func (d *Disk) slot(i uint64) *abi.RingSlot { return &d.ring().Slot[i&(abi.RingSlots-1)] }

// fill describes a request in slot i, which is free.
//
//go:nosplit
func (d *Disk) fill(i, op, at uint64) {
	r, s := &d.Slot[i&(abi.RingSlots-1)], d.slot(i)
	s.Seq, s.Op, s.Sector, s.Bytes, s.Status = r.Seq, uint32(op), at, r.Bytes, abi.RingError
}

// offer makes slot i the server's. If it is already, or answered, nothing changes.
//
//go:nosplit
func (d *Disk) offer(i uint64) {
	atomic.CompareAndSwapUint64(&d.slot(i).State, abi.SlotFree, abi.SlotQueued)
}

// free makes slot i the hypervisor's.
//
//go:nosplit
func (d *Disk) free(i uint64) { atomic.StoreUint64(&d.slot(i).State, abi.SlotFree) }

// done reports whether slot i is answered, and whether all went well.
//
//go:nosplit
func (d *Disk) done(i uint64) (done, good bool) {
	s := d.slot(i)
	return atomic.LoadUint64(&s.State) == abi.SlotDone, atomic.LoadUint32(&s.Status) == abi.RingOK
}

// tell reports whether the server is to be told of what was queued. What it wants
// is taken from the ring after that has been noted: who is cut off tells it once
// too often.
//
//go:nosplit
func (d *Disk) tell() bool {
	if d.Untold&2 == 0 {
		d.Untold = 2
		if atomic.SwapUint64(&d.ring().Wants, 0) == 0 {
			d.Untold = 0
		}
	}
	return d.Untold != 0
}

// Told notes that the server has been told.
//
//go:nosplit
func (d *Disk) Told() { d.Untold = 0 }

// Close has the server leave the ring, and reports whether it has.
func (d *Disk) Close() (left bool) {
	if d.Kind != uint64(abi.DiskFile) || d.Base == 0 {
		return true
	}
	r := d.ring()
	atomic.StoreUint64(&r.Closing, 1)
	return atomic.LoadUint64(&r.Server) != 1
}
