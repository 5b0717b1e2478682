// Package blk is the disk of a guest: a virtio block device over memory of the
// hypervisor's, or over a ring that a process of root's serves.
//
// The one idea: every request moves by steps that are one store each. What lies
// between two of them may be done again at any time, by this instance of the
// hypervisor or another one, and by any server.
//
// Virtual I/O Device (VIRTIO) Version 1.2, "Block Device".
package blk

import (
	"sync/atomic"

	"perdure/partition/abi"
	"perdure/partition/virtio"
)

// Disk is one disk: a kept record.
//
// At rest: Step.What is 0, and Untold is not 2. Slots in Busy hold requests that were taken from the
// queue and not answered; those that are in Orphans too have lost their driver,
// and wait only for their server. Ring and memory disks lie at Base, which never
// changes while the disk exists.
type Disk struct {
	Kind     uint64 // an abi.DiskKind; 0: there is no such disk
	ReadOnly uint64
	Capacity uint64 // bytes
	Base     uint64 // HPA of the memory, or of the ring
	Size     uint64 // bytes there, whole pages
	Cleared  uint64 // of these, while the disk is being made
	Serial   [3]uint64

	Step    Step
	Seq     uint64 // of the last request that was queued
	Busy    uint64 // slots of the ring that are taken, a bit each
	Orphans uint64 // of these, those whose answers nobody wants
	Untold  uint64 // 1: requests were queued since its server was told; 2: it is to be told
	Slot    [abi.RingSlots]Request
	Header  [2]uint64 // of the request that is looked at; means nothing at rest

	Reads, Writes, Flushes, Errors uint64 // requests answered
	Moved                          uint64 // bytes
}

// Request is what the hypervisor knows of a slot that is taken: a kept record.
// Nothing of it is read back from the ring, which root can write.
type Request struct {
	Seq   uint64
	Head  uint64 // of its descriptors
	Op    uint64 // as in the request's header
	Bytes uint64
}

// Features that a disk may offer.
const (
	featSizeMax = 1 << 1
	featSegMax  = 1 << 2
	featRO      = 1 << 5
	featBlkSize = 1 << 6
	featFlush   = 1 << 9
)

// What a driver may ask for at once. A request to a file fits into a slot.
const (
	queueSize    = 128
	ramSegments  = virtio.MaxSegs - 2
	ramSegment   = 16 << 10
	fileSegments = 8
	fileSegment  = abi.RingSlotMax / fileSegments
	sector       = 512
)

// Init makes d a disk as c says, with size bytes of memory at base. Its kind is
// stored last.
func (d *Disk) Init(c *abi.DiskConfig, base, size uint64) {
	*d = Disk{ReadOnly: uint64(c.Flags & abi.DiskReadOnly), Capacity: c.Capacity, Base: base, Size: size}
	for i, ch := range c.Serial[:serialBytes] {
		d.Serial[i/8] |= uint64(ch) << (i % 8 * 8)
	}
	if c.Kind == abi.DiskFile {
		d.begin()
	}
	atomic.StoreUint64(&d.Kind, uint64(c.Kind))
}

// serialBytes is how much of a serial number a driver sees.
const serialBytes = 20

// Power makes v the device of d after power-up; requests under way are forgotten.
func (d *Disk) Power(v *virtio.Device) {
	d.Reset()
	features := uint64(featSizeMax | featSegMax | featBlkSize | featFlush)
	if d.ReadOnly != 0 {
		features |= featRO
	}
	v.Init(virtio.Block, features, queueSize)
	segments, segment := uint64(ramSegments), uint64(ramSegment)
	if d.Kind == uint64(abi.DiskFile) {
		segments, segment = fileSegments, fileSegment
	}
	// Words of struct virtio_blk_config: capacity; size_max, seg_max; geometry, blk_size.
	v.Config[0], v.Config[1], v.Config[2] = d.Capacity/sector, segment|segments<<32, sector<<32
}

// Reset forgets what the driver of v, which d belongs to, has asked for: nobody
// will see the answers. The caller resets v.
//
//go:nosplit
func (d *Disk) Reset() {
	if d.Step.What != stepNone {
		d.Step.Deaf = 1 // its queue is gone
		d.finish(nil, nil)
	}
	d.Orphans = d.Busy
}
