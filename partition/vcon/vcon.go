// Package vcon is a virtio console.
//
// The one idea: a byte is with whoever it is for before the guest's request is
// answered, so a request that is done again says something twice rather than
// never.
//
// A State is kept state: saving it is copying it. Queues follow Virtual I/O Device
// (VIRTIO) Version 1.2, "Console Device"; there is one port, and no features.
package vcon

import (
	"sync/atomic"

	"perdure/mm/addr"
	"perdure/partition/ram"
	"perdure/partition/tx"
	"perdure/partition/virtio"
)

// Queues of a console.
const (
	QueueReceive  = 0 // what the guest hears
	QueueTransmit = 1 // what it says
)

// Piece is how many bytes are moved at a time.
const Piece = 64

// State is what a console knows beside its queues: a kept record.
//
// At rest: Said is less than the bytes of the first request in the transmit
// queue, or 0.
type State struct {
	Said   uint64            // bytes of the present request that are with whoever listens
	Events uint64            // what root has not been told yet, a bit each
	Piece  [Piece / 8]uint64 // bytes on their way; nothing at rest
}

// Init makes d a console after power-up.
func Init(d *virtio.Device) { d.Init(virtio.Console, 0, 64, 64) }

// Reset puts s into its state after power-up. Events are not the guest's to
// forget: it hears them from the next driver on.
//
//go:nosplit
func (s *State) Reset() { s.Said = 0 }

// Transmit fetches the next bytes that the guest says to s.Piece.
//
//go:nosplit
func (s *State) Transmit(m *ram.RAM, d *virtio.Device, c *virtio.Chain) (n uint64, found virtio.State) {
	if found = d.Queue[QueueTransmit].Peek(m, c); found != virtio.Request || s.Said >= c.Readable {
		return 0, found
	}
	n = min(c.Readable-s.Said, Piece)
	if c.Get(m, s.piece(), s.Said, n) != n {
		return 0, virtio.Bad
	}
	return n, found
}

// Byte returns a byte of the piece.
//
//go:nosplit
func (s *State) Byte(i uint64) byte { return byte(s.Piece[i>>3&(Piece/8-1)] >> (i & 7 * 8)) }

// SetByte sets a byte of the piece.
//
//go:nosplit
func (s *State) SetByte(i uint64, b byte) {
	w, shift := &s.Piece[i>>3&(Piece/8-1)], i&7*8
	*w = *w&^(0xff<<shift) | uint64(b)<<shift
}

// Listened notes that n more bytes of the request that Transmit found have been
// heard, and reports whether that was the last of it: it is answered then.
//
//go:nosplit
func (s *State) Listened(t *tx.Log, d *virtio.Device, c *virtio.Chain, n uint64) (answered bool) {
	if s.Said+n < c.Readable {
		t.Set(&s.Said, s.Said+n)
		return false
	}
	t.Set(&s.Said, 0)
	q := &d.Queue[QueueTransmit]
	q.Take(t)
	q.Answer(t, c.Head, 0)
	return true
}

// Room returns how many bytes the guest takes now, at most Piece.
//
//go:nosplit
func (s *State) Room(m *ram.RAM, d *virtio.Device, c *virtio.Chain) (n uint64, found virtio.State) {
	if found = d.Queue[QueueReceive].Peek(m, c); found != virtio.Request {
		return 0, found
	}
	if c.Writable == 0 {
		return 0, virtio.Bad // it could never be answered
	}
	return min(c.Writable, Piece), found
}

// Receive gives the first n bytes of the piece to the guest.
//
//go:nosplit
func (s *State) Receive(t *tx.Log, m *ram.RAM, d *virtio.Device, c *virtio.Chain, n uint64) bool {
	if c.Put(m, 0, s.piece(), n) != n {
		return false
	}
	q := &d.Queue[QueueReceive]
	q.Take(t)
	q.Answer(t, c.Head, n)
	return true
}

// Post notes an event for root; posting it again before root has heard it changes
// nothing.
//
//go:nosplit
func (s *State) Post(event uint64) { atomic.OrUint64(&s.Events, 1<<(event&63)) }

// piece returns where the piece is.
//
//go:nosplit
func (s *State) piece() addr.HVA { return address(&s.Piece[0]) }
