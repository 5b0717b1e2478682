package blk

import (
	"perdure/partition/abi"
	"perdure/partition/device"
)

// saved is the version of what Save writes.
const saved = 1

// words returns what a disk consists of, but for where its memory is: who loads
// it has made the disk already.
func (d *Disk) words() []*uint64 {
	s := &d.Step
	w := []*uint64{
		&d.Kind, &d.ReadOnly, &d.Capacity, &d.Seq, &d.Busy, &d.Orphans, &d.Untold, &d.Reads, &d.Writes, &d.Flushes, &d.Errors, &d.Moved,
		&s.What, &s.Deaf, &s.Slot, &s.Next, &s.Done, &s.Head, &s.Len,
	}
	for i := range d.Slot {
		k := &d.Slot[i]
		w = append(w, &k.Seq, &k.Head, &k.Op, &k.Bytes)
	}
	return append(w, device.Refs(d.Serial[:])...)
}

// Save appends what d is.
func (d *Disk) Save(to []byte) []byte { return device.Save(to, saved, d.words()) }

// Load makes d what Save wrote; it keeps its memory, so both must be disks of the
// same kind and capacity.
func (d *Disk) Load(from []byte) error {
	n := Disk{Base: d.Base, Size: d.Size, Cleared: d.Cleared}
	if err := device.Load(from, saved, n.words()); err != nil {
		return err
	}
	if n.Kind != d.Kind || n.ReadOnly != d.ReadOnly || n.Capacity != d.Capacity || !n.possible() {
		return device.ErrState
	}
	*d = n
	return nil
}

// possible reports whether a disk can have come to this state.
func (d *Disk) possible() bool {
	s := &d.Step
	if d.Busy>>abi.RingSlots != 0 || d.Orphans&^d.Busy != 0 || d.Kind != uint64(abi.DiskFile) && d.Busy != 0 ||
		d.Untold > 3 || s.What >= numSteps || s.Deaf > 1 || s.Slot >= abi.RingSlots || (s.Next|s.Done|s.Head)>>16 != 0 {
		return false
	}
	if d.Kind != uint64(abi.DiskFile) && s.What != stepNone && s.What != stepDirect {
		return false
	}
	for i := range d.Slot {
		k := &d.Slot[i]
		if k.Head>>16 != 0 || k.Op != opIn && k.Op != opOut && k.Op != opFlush || k.Bytes > abi.RingSlotMax {
			return false
		}
	}
	return true
}
