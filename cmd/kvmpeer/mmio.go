package main

import (
	"encoding/binary"
	"sync/atomic"
)

// Registers of a virtio-mmio window, and what they say. VIRTIO 1.2, "MMIO Device
// Register Layout".
const (
	regMagic          = 0x000
	regVersion        = 0x004
	regDeviceID       = 0x008
	regVendorID       = 0x00c
	regDeviceFeatures = 0x010
	regDeviceSel      = 0x014
	regDriverFeatures = 0x020
	regDriverSel      = 0x024
	regQueueSel       = 0x030
	regQueueMax       = 0x034
	regQueueSize      = 0x038
	regQueueReady     = 0x044
	regQueueNotify    = 0x050
	regInterrupt      = 0x060
	regInterruptAck   = 0x064
	regStatus         = 0x070
	regQueueDesc      = 0x080
	regQueueAvail     = 0x090
	regQueueUsed      = 0x0a0
	regGeneration     = 0x0fc
	regConfig         = 0x100

	magic      = 0x74726976
	modern     = 1 << 32 // VIRTIO_F_VERSION_1
	queueMax   = 256
	usedBuffer = 1 // of the interrupt status
)

// A device is one window, with two queues at most.
type device struct {
	g        *guest
	line     uint32
	id       uint32
	features uint64
	config   []byte
	notify   func(queue int)

	queues    [2]queue
	status    uint32
	interrupt atomic.Uint32
	selected  uint32
	devSel    uint32
}

// read answers the guest's read of a register.
func (d *device) read(at uint64, b []byte) {
	if at >= regConfig {
		copy(b, d.config[min(int(at-regConfig), len(d.config)):])
		return
	}
	var v uint32
	q := &d.queues[d.selected&1]
	switch at {
	case regMagic:
		v = magic
	case regVersion:
		v = 2
	case regDeviceID:
		v = d.id
	case regDeviceFeatures:
		v = uint32(d.features >> (d.devSel & 1 * 32))
	case regQueueMax:
		if d.selected < 2 {
			v = queueMax
		}
	case regQueueReady:
		v = q.ready
	case regInterrupt:
		v = d.interrupt.Load()
	case regStatus:
		v = d.status
	}
	if len(b) == 4 {
		binary.LittleEndian.PutUint32(b, v)
	}
}

// write answers the guest's write of a register.
func (d *device) write(at uint64, b []byte) {
	if len(b) != 4 {
		return
	}
	v := binary.LittleEndian.Uint32(b)
	q := &d.queues[d.selected&1]
	half := func(p *uint64) {
		shift := at & 4 * 8
		*p = *p&^(0xffffffff<<shift) | uint64(v)<<shift
	}
	switch at {
	case regDeviceSel:
		d.devSel = v
	case regQueueSel:
		d.selected = v
	case regQueueSize:
		q.size = uint16(v)
	case regQueueReady:
		q.ready = v
	case regQueueNotify:
		d.notify(int(v & 1))
	case regInterruptAck:
		d.interrupt.And(^v)
	case regStatus:
		if d.status = v; v == 0 {
			d.queues = [2]queue{}
			d.interrupt.Store(0)
		}
	case regQueueDesc, regQueueDesc + 4:
		half(&q.desc)
	case regQueueAvail, regQueueAvail + 4:
		half(&q.avail)
	case regQueueUsed, regQueueUsed + 4:
		half(&q.used)
	}
}

// done tells the guest that buffers of q were used, unless it does not want to know.
func (d *device) done(q *queue) {
	if q.quiet(d.g.mem) {
		return
	}
	d.interrupt.Or(usedBuffer)
	d.g.raise(d.line)
}
