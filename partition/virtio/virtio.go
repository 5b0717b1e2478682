// Package virtio is the transport of a virtio device: registers in memory, and
// queues in the memory of a guest.
//
// The one idea: nothing that a guest writes is read twice. A request is copied
// out of its queue, checked, and only then looked at; where it comes from and
// goes to are numbers of ours, which only rise.
//
// A Device is kept state: saving it is copying it. Registers and queues follow
// Virtual I/O Device (VIRTIO) Version 1.2, "Virtio Over MMIO" and "Split
// Virtqueues". Drivers of version 1 and later are served, and no others.
package virtio

import (
	"sync/atomic"

	"perdure/kernel/x86"
	"perdure/partition/tx"
)

// Limits.
const (
	MaxQueues   = 4
	MaxSize     = 256 // entries of a queue at most
	ConfigWords = 16
)

// Queue is one split virtqueue: a kept record.
//
// At rest: the guest's used index is Done. If it is not, Publish makes it so, or
// what the device itself keeps of its answers. Requests from Next on have not been begun. Size is a
// power of two not above Max if Ready is 1.
type Queue struct {
	Max   uint64 // the largest Size; 0: there is no such queue
	Size  uint64
	Ready uint64 // 1: the guest has set it up
	Desc  uint64 // guest-physical addresses of its three parts
	Avail uint64
	Used  uint64
	Next  uint64 // index, modulo 2^16, of the next request to be taken
	Done  uint64 // index, modulo 2^16, of the next answer
	Last  uint64 // what Answer noted last
}

// Device is one device: a kept record.
//
// At rest: Owner is 0. A queue with something to do has its bit in Kick, but for
// what waits for somebody else.
type Device struct {
	ID         uint64 // what kind it is; 0: none
	Offered    uint64 // features
	Queues     uint64 // how many it has
	Accepted   uint64 // features that the driver chose
	DevSel     uint64 // which half of Offered is read
	DrvSel     uint64 // which half of Accepted is written
	QSel       uint64
	Status     uint64
	ISR        uint64 // why it interrupted
	Generation uint64 // of Config
	Kick       uint64 // queues to be served, a bit each, and Kick… bits
	Owner      uint64 // 1 + index of the processor that serves or changes it, 0: none
	Faults     uint64 // times since its last reset that serving it failed in our hands
	Bad        uint64 // times that a queue of it was malformed
	Raised     uint64 // interrupts to its guest
	Queue      [MaxQueues]Queue
	Config     [ConfigWords]uint64 // configuration space
}

// Kinds of devices. "Device Types".
const (
	Net     = 1
	Block   = 2
	Console = 3
	Entropy = 4
	NumIDs  = 5
)

// Version1 is the feature that all devices have and all drivers must know.
const Version1 = 1 << 32

// Bits of Status. "Device Status Field".
const (
	StatusAcknowledge = 1
	StatusDriver      = 2
	StatusDriverOK    = 4
	StatusFeaturesOK  = 8
	StatusNeedsReset  = 64
	StatusFailed      = 128

	statusDriver = StatusAcknowledge | StatusDriver | StatusDriverOK | StatusFeaturesOK | StatusFailed
)

// Bits of ISR.
const (
	ISRQueue  = 1
	ISRConfig = 2
)

// Bits of Kick above those of the queues.
const (
	KickReset = 1 << 63 // the driver has reset it: Reset, before anything else
	KickRaise = 1 << 62 // interrupt once, whatever there is to say

	KickQueues = 1<<MaxQueues - 1
)

// Retire makes d no device. Whoever served it has done so, and nobody begins
// again. Whoever calls it keeps the processor meanwhile.
//
//go:nosplit
func (d *Device) Retire() {
	for !atomic.CompareAndSwapUint64(&d.Owner, 0, ^uint64(0)) {
		x86.PAUSE()
	}
	d.ID, d.Queues = 0, 0
	d.Reset()
	atomic.StoreUint64(&d.Owner, 0)
}

// Init makes d a device after power-up that offers Version1 and some features of
// its kind. The caller sets Config then.
func (d *Device) Init(id, features uint64, sizes ...uint64) {
	*d = Device{ID: id, Offered: features | Version1, Queues: uint64(len(sizes))}
	for i, n := range sizes {
		d.Queue[i].Max = n
	}
}

// Reset puts d into its state after power-up, which begins with no driver. Doing
// it again changes nothing. d is owned by the caller.
//
//go:nosplit
func (d *Device) Reset() {
	atomic.StoreUint64(&d.Status, 0)
	d.Accepted, d.DevSel, d.DrvSel, d.QSel, d.Faults = 0, 0, 0, 0, 0
	for i := range d.Queue {
		q := &d.Queue[i]
		q.Ready, q.Size, q.Desc, q.Avail, q.Used, q.Next, q.Done, q.Last = 0, 0, 0, 0, 0, 0, 0, 0
	}
	atomic.StoreUint64(&d.ISR, 0)
	atomic.StoreUint64(&d.Kick, 0) // last: until then it is to be reset
}

// Live reports whether d's queues may be served: its driver is ready, and has
// made no mess of a queue.
//
//go:nosplit
func (d *Device) Live() bool {
	return atomic.LoadUint64(&d.Status)&(StatusDriverOK|StatusNeedsReset) == StatusDriverOK && atomic.LoadUint64(&d.Kick)&KickReset == 0
}

// Has reports whether the driver chose all of some features.
//
//go:nosplit
func (d *Device) Has(features uint64) bool { return d.Accepted&features == features }

// KickAll notes that everything about d is to be looked at: its queues, and its
// guest is to be told, in case that a notification or an interrupt was lost.
//
//go:nosplit
func (d *Device) KickAll() {
	if d.Live() {
		atomic.OrUint64(&d.Kick, 1<<d.Queues-1|KickRaise)
	}
}

// Ask notes that some queues are to be looked at.
//
//go:nosplit
func (d *Device) Ask(queues uint64) { atomic.OrUint64(&d.Kick, queues&(1<<d.Queues-1)) }

// Break notes that a queue of d's is malformed: no queue is served until the
// driver resets d.
//
//go:nosplit
func (d *Device) Break(t *tx.Log) {
	t.Or(&d.Status, StatusNeedsReset)
	t.Set(&d.Bad, d.Bad+1)
}

// SetConfig changes a word of the configuration space. The driver is to be told
// by an interrupt with ISRConfig.
//
//go:nosplit
func (d *Device) SetConfig(t *tx.Log, word, val uint64) {
	t.Set(&d.Config[word&(ConfigWords-1)], val)
	t.Set(&d.Generation, (d.Generation+1)&0xffffffff)
}
