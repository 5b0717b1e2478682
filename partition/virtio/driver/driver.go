//go:build !metal

// Package driver plays a guest's driver of a virtio device, for tests.
//
// The one idea: it knows the device by its registers and queues alone, as a guest
// does.
package driver

import (
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/mm/phys"
	"perdure/partition/ram"
	"perdure/partition/tx"
	"perdure/partition/virtio"
)

const mib = 1 << 20

// Guest is a guest with one device. Each of its queues has 8 entries and a page
// for each part; requests have their data from DataAt on.
type Guest struct {
	RAM    ram.RAM
	Device *virtio.Device
	Access func(off uint32, val uint32) // writes a register
	t      testing.TB
	next   [virtio.MaxQueues]uint64 // requests made
	seen   [virtio.MaxQueues]uint64 // answers seen
}

// Size is how many entries a queue has; DataAt is where data begin; Memory is
// how much there is.
const (
	Size   = 8
	DataAt = mib
	Memory = 4 * mib
	room   = 0x10000 // for the data of one request
)

// New makes a machine with a guest in it.
func New(t testing.TB, d *virtio.Device) *Guest {
	t.Helper()
	require.NoError(t, phys.Fake(16*mib))
	require.NoError(t, kept.Start(0, mib))
	g := &Guest{RAM: ram.RAM{Size: Memory, Delta: 8 * mib}, Device: d, t: t}
	g.Access = func(off, val uint32) {
		var l tx.Log
		d.Write(&l, off, 4, uint64(val))
		l.Apply()
		if d.Kick&virtio.KickReset != 0 {
			d.Reset()
		}
	}
	return g
}

func queueAt(q int) uint64 { return uint64(q+1) * 0x4000 }

// Start resets the device, negotiates VERSION_1 and sets up all queues.
func (g *Guest) Start() {
	g.next, g.seen = [virtio.MaxQueues]uint64{}, [virtio.MaxQueues]uint64{}
	g.Access(0x70, 0)
	g.Access(0x70, 3)
	g.Access(0x24, 1)
	g.Access(0x20, 1)
	g.Access(0x70, 11)
	for q := range int(g.Device.Queues) {
		g.RAM.Write(queueAt(q)+0x1000, 0, 4)
		g.RAM.Write(queueAt(q)+0x2000, 0, 4)
		g.Access(0x30, uint32(q))
		g.Access(0x38, Size)
		for part, off := range []uint32{0x80, 0x90, 0xa0} {
			g.Access(off, uint32(queueAt(q))+uint32(part)*0x1000)
		}
		g.Access(0x44, 1)
	}
	g.Access(0x70, 15)
}

// Part is a piece of a request: bytes for the device, or room for as many.
type Part struct {
	Bytes []byte
	Room  int
}

// Ask makes a request, and returns its head. Requests must be answered in order.
func (g *Guest) Ask(q int, parts ...Part) (head uint64) {
	head = g.next[q] * 2 % Size
	for i, p := range parts {
		at := g.data(q, head) + uint64(i)*room/4
		n, flags := uint64(p.Room), uint64(2)
		if p.Bytes != nil {
			n, flags = uint64(len(p.Bytes)), 0
			for k, b := range p.Bytes {
				g.RAM.Write(at+uint64(k), uint64(b), 1)
			}
		}
		if i < len(parts)-1 {
			flags |= 1
		}
		desc := queueAt(q) + 16*((head+uint64(i))%Size)
		g.RAM.Write(desc, at, 8)
		g.RAM.Write(desc+8, n|flags<<32|(head+uint64(i)+1)%Size<<48, 8)
	}
	avail := queueAt(q) + 0x1000
	g.RAM.Write(avail+4+2*(g.next[q]%Size), head, 2)
	g.next[q]++
	g.RAM.Write(avail+2, g.next[q], 2)
	return head
}

func (g *Guest) data(q int, head uint64) uint64 { return DataAt + (uint64(q)*Size+head)*room }

// Answered returns the next answer: its head and the bytes that were written to
// its first piece.
func (g *Guest) Answered(q int) (head uint64, got []byte, ok bool) {
	used := queueAt(q) + 0x2000
	if index, _ := g.RAM.Read(used+2, 2); index == g.seen[q]&0xffff {
		return 0, nil, false
	}
	head, _ = g.RAM.Read(used+4+8*(g.seen[q]%Size), 4)
	n, _ := g.RAM.Read(used+8+8*(g.seen[q]%Size), 4)
	g.seen[q]++
	for i := range n {
		b, _ := g.RAM.Read(g.data(q, head)+i, 1)
		got = append(got, byte(b))
	}
	return head, got, true
}

// Spoil makes the next request of a queue one that makes no sense.
func (g *Guest) Spoil(q int) {
	head := g.Ask(q, Part{Room: 1})
	g.RAM.Write(queueAt(q)+16*head+8, 4<<32|1, 8)
}

// Host returns where the hypervisor sees a guest's address.
func (g *Guest) Host(gpa uint64) addr.HVA {
	va, _ := g.RAM.Span(gpa, 1)
	return va
}
