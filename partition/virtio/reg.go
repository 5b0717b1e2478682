package virtio

import (
	"sync/atomic"

	"perdure/partition/tx"
)

// Registers. "MMIO Device Register Layout".
const (
	regMagic      = 0x00
	regVersion    = 0x04
	regDeviceID   = 0x08
	regVendorID   = 0x0c
	regOffered    = 0x10
	regDevSel     = 0x14
	regAccepted   = 0x20
	regDrvSel     = 0x24
	regQSel       = 0x30
	regQueueMax   = 0x34
	regQueueSize  = 0x38
	regQueueReady = 0x44
	regNotify     = 0x50
	regISR        = 0x60
	regACK        = 0x64
	regStatus     = 0x70
	regDesc       = 0x80
	regAvail      = 0x90
	regUsed       = 0xa0
	regSHM        = 0xb0 // length and base of a shared memory region
	regGeneration = 0xfc
	regConfig     = 0x100
	endSHM        = 0xc0
)

const (
	magic   = 0x74726976 // "virt"
	version = 2          // drivers of version 1 devices, the legacy ones, leave it alone
	vendor  = 0x44524550 // "PERD"
)

// Read reads size bytes of d's window. What is not there is 0.
//
//go:nosplit
func (d *Device) Read(off uint32, size uint8) uint64 {
	if off >= regConfig {
		return d.config(uint64(off-regConfig), size)
	}
	if size != 4 {
		return 0
	}
	q := &d.Queue[d.QSel&(MaxQueues-1)]
	switch off {
	case regMagic:
		return magic
	case regVersion:
		return version
	case regDeviceID:
		return d.ID
	case regVendorID:
		return vendor
	case regOffered:
		if d.DevSel > 1 {
			return 0
		}
		return d.Offered >> (32 * d.DevSel & 63) & 0xffffffff
	case regQueueMax:
		if d.QSel < d.Queues {
			return q.Max
		}
	case regQueueReady:
		if d.QSel < d.Queues {
			return q.Ready
		}
	case regISR:
		return atomic.LoadUint64(&d.ISR)
	case regStatus:
		if atomic.LoadUint64(&d.Kick)&KickReset != 0 {
			return 0
		}
		return atomic.LoadUint64(&d.Status)
	case regGeneration:
		return atomic.LoadUint64(&d.Generation)
	}
	if off >= regSHM && off < endSHM {
		return 0xffffffff // there is no such region
	}
	return 0
}

// config reads the configuration space, at any place and in any size.
//
//go:nosplit
func (d *Device) config(off uint64, size uint8) (val uint64) {
	for i := uint64(0); i < uint64(size) && i < 8; i++ {
		if at := off + i; at < 8*ConfigWords {
			val |= atomic.LoadUint64(&d.Config[at>>3]) >> (at & 7 * 8) & 0xff << (8 * i & 63)
		}
	}
	return val
}

// Effect is what an access means for others.
type Effect uint8

// Effects.
const (
	None  Effect = iota
	Serve        // d.Kick has something new, once the exit is committed
)

// Private reports whether writing off may only be done by who owns d: the queues
// must not change while they are served. To notify and to acknowledge is
// everybody's.
//
//go:nosplit
func Private(off uint32) bool { return off != regNotify && off != regACK }

// Write writes size bytes of d's window. The configuration space is read-only.
//
//go:nosplit
func (d *Device) Write(t *tx.Log, off uint32, size uint8, val uint64) Effect {
	if size != 4 || d.ID == 0 {
		return None
	}
	val &= 0xffffffff
	switch off {
	case regNotify:
		if val >= d.Queues {
			return None
		}
		t.Or(&d.Kick, 1<<(val&63))
		return Serve
	case regACK:
		t.Clear(&d.ISR, val&(ISRQueue|ISRConfig))
	case regDevSel:
		t.Set(&d.DevSel, val)
	case regDrvSel:
		t.Set(&d.DrvSel, val)
	case regQSel:
		t.Set(&d.QSel, val)
	case regAccepted:
		if d.Status&StatusFeaturesOK == 0 && d.DrvSel <= 1 {
			shift := 32 * d.DrvSel & 63
			t.Set(&d.Accepted, d.Accepted&^(0xffffffff<<shift)|val<<shift)
		}
	case regStatus:
		return d.writeStatus(t, val)
	default:
		if d.QSel < d.Queues {
			d.Queue[d.QSel&(MaxQueues-1)].write(t, off, val)
		}
	}
	return None
}

// writeStatus is a step of the driver's. "Device Initialization".
//
//go:nosplit
func (d *Device) writeStatus(t *tx.Log, val uint64) Effect {
	if val == 0 {
		t.Or(&d.Kick, KickReset)
		return Serve
	}
	s := d.Status | val&statusDriver // a bit that is set is cleared by a reset only
	if s&StatusFeaturesOK != 0 && (d.Accepted&Version1 == 0 || d.Accepted&^d.Offered != 0) {
		s &^= StatusFeaturesOK // which the driver then finds missing
	}
	if s&StatusFeaturesOK == 0 {
		s &^= StatusDriverOK
	}
	if s != d.Status {
		t.Set(&d.Status, s)
	}
	if s&^d.Status&StatusDriverOK == 0 {
		return None
	}
	t.Or(&d.Kick, 1<<d.Queues-1|KickRaise) // what was notified before was not served
	return Serve
}

// write writes a register of the selected queue. What a queue that is ready
// consists of does not change.
//
//go:nosplit
func (q *Queue) write(t *tx.Log, off uint32, val uint64) {
	switch {
	case off == regQueueReady:
		q.writeReady(t, val)
	case q.Ready != 0:
	case off == regQueueSize:
		if val <= q.Max && val&(val-1) == 0 {
			t.Set(&q.Size, val)
		}
	case off == regDesc || off == regDesc+4:
		half(t, &q.Desc, off, val)
	case off == regAvail || off == regAvail+4:
		half(t, &q.Avail, off, val)
	case off == regUsed || off == regUsed+4:
		half(t, &q.Used, off, val)
	}
}

// half writes the lower or the upper half of an address.
//
//go:nosplit
func half(t *tx.Log, p *uint64, off uint32, val uint64) {
	shift := off & 4 * 8 & 63
	t.Set(p, *p&^(0xffffffff<<shift)|val<<shift)
}

// writeReady takes a queue into service, if it is well formed, or out of it.
//
//go:nosplit
func (q *Queue) writeReady(t *tx.Log, val uint64) {
	switch {
	case val&1 == 0:
		t.Set(&q.Ready, 0)
	case q.Ready == 0 && q.wellFormed():
		t.Set(&q.Next, 0)
		t.Set(&q.Done, 0)
		t.Set(&q.Last, 0)
		t.Set(&q.Ready, 1)
	}
}
