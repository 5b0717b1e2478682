package disk

import (
	"sync/atomic"

	"perdure/partition/abi"
)

// Fake returns a ring as a hypervisor makes it, for tests of those who serve it.
func Fake(capacity uint64) []byte {
	m := make([]byte, abi.RingBytes)
	h := Head(m)
	h.Magic, h.Version, h.Slots, h.SlotSize, h.Capacity = abi.RingMagic, abi.RingVersion, abi.RingSlots, abi.RingSlotMax, capacity
	return m
}

// Ask queues a request as a hypervisor does, in a slot that is free; nil if none is.
func Ask(memory []byte, op uint32, sector uint64, data []byte) *abi.RingSlot {
	h := Head(memory)
	newest := uint64(0)
	for i := range h.Slot {
		newest = max(newest, h.Slot[i].Seq)
	}
	for i := range h.Slot {
		s := &h.Slot[i]
		if atomic.LoadUint64(&s.State) != abi.SlotFree {
			continue
		}
		s.Seq, s.Op, s.Sector, s.Bytes, s.Status = newest+1, op, sector, uint64(len(data)), abi.RingError
		copy(memory[abi.RingData+i*abi.RingSlotMax:], data)
		atomic.StoreUint64(&s.State, abi.SlotQueued)
		return s
	}
	return nil
}
