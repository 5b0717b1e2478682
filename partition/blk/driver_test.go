//go:build !metal

package blk

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/mm/phys"
	"perdure/partition/abi"
	"perdure/partition/ram"
	"perdure/partition/virtio"
)

const mib = 1 << 20

// Places in the test machine: the guest's memory lies at guestAt, a disk's at
// diskAt, a request's header, data and status in the guest's memory.
const (
	guestAt, guestSize = 1 * mib, 1 * mib
	diskAt, diskSize   = 4 * mib, 1 * mib

	descAt, availAt, usedAt      = 0x1000, 0x3000, 0x4000
	headerAt, dataAt, statusAt   = 0x8000, 0x20000, 0x9000
	chainHeader, chainData, last = 0, 1, 9
)

// guest is a driver of one disk.
type guest struct {
	t      testing.TB
	d      Disk
	v      virtio.Device
	m      *ram.RAM
	c      virtio.Chain
	asked  uint64 // requests made
	served uint64 // answers taken
}

// newGuest returns the driver of a disk, with its queue ready.
func newGuest(t testing.TB, kind abi.DiskKind, flags uint32) *guest {
	t.Helper()
	require.NoError(t, phys.Fake(8*mib))
	g := &guest{t: t, m: &ram.RAM{Size: guestSize, Delta: guestAt}}
	c := abi.DiskConfig{Kind: kind, Flags: flags, Capacity: diskSize}
	abi.SetText(c.Serial[:], "a serial number, twenty+")
	g.d.Init(&c, diskAt, max(diskSize, abi.RingBytes))
	g.d.Power(&g.v)
	g.ready()
	return g
}

// ready does what a driver does before its first request.
func (g *guest) ready() {
	q := &g.v.Queue[0]
	q.Size, q.Desc, q.Avail, q.Used, q.Ready = queueSize, descAt, availAt, usedAt, 1
	g.m.Write(availAt+2, 0, 2)
	g.m.Write(usedAt+2, 0, 2)
	g.v.Status = virtio.StatusAcknowledge | virtio.StatusDriver | virtio.StatusFeaturesOK | virtio.StatusDriverOK
	g.asked, g.served = 0, 0
}

// desc writes one descriptor.
func (g *guest) desc(i, at, n, flags, next uint64) {
	g.m.Write(descAt+16*i, at, 8)
	g.m.Write(descAt+16*i+8, n|flags<<32|next<<48, 8)
}

// ask makes a request in place k (three descriptors, a page of data each) and
// makes it available.
func (g *guest) ask(k, op, at uint64, data []byte, n uint64) {
	const more, write = 1, 2
	i, buf := 3*k, dataAt+k*0x8000
	g.m.Write(headerAt+16*k, op, 8)
	g.m.Write(headerAt+16*k+8, at, 8)
	g.m.Write(statusAt+k, 0xee, 1)
	put(g.m, buf, data)
	g.desc(i, headerAt+16*k, 16, more, i+1)
	flags := uint64(more)
	if op == opIn || op == opGetID {
		flags |= write
	}
	if n == 0 {
		g.desc(i, headerAt+16*k, 16, more, i+2)
	}
	g.desc(i+1, buf, n, flags, i+2)
	g.desc(i+2, statusAt+k, 1, write, 0)
	g.offer(i)
}

// offer makes the request that begins with descriptor head available.
func (g *guest) offer(head uint64) {
	g.m.Write(availAt+4+2*(g.asked%queueSize), head, 2)
	g.asked++
	g.m.Write(availAt+2, g.asked, 2)
}

func put(m *ram.RAM, at uint64, data []byte) {
	for i, b := range data {
		m.Write(at+uint64(i), uint64(b), 1)
	}
}

// data returns what lies in the data of request k.
func (g *guest) data(k, n uint64) []byte {
	b := make([]byte, n)
	for i := range b {
		v, _ := g.m.Read(dataAt+k*0x8000+uint64(i), 1)
		b[i] = byte(v)
	}
	return b
}

// used returns the next answer: its request's place, the bytes written and the status.
func (g *guest) used() (k, n uint64, status uint8, ok bool) {
	index, _ := g.m.Read(usedAt+2, 2)
	if index == g.served&0xffff {
		return 0, 0, 0, false
	}
	at := usedAt + 4 + 8*(g.served%queueSize)
	head, _ := g.m.Read(at, 4)
	n, _ = g.m.Read(at+4, 4)
	g.served++
	s, _ := g.m.Read(statusAt+head/3, 1)
	return head / 3, n, uint8(s), true
}

// serve serves until nothing is left to do at once.
func (g *guest) serve() (all Result) {
	for range 100 {
		r := g.d.Serve(&g.v, g.m, &g.c)
		all |= r
		if r&Tell != 0 {
			g.d.Told()
		}
		if r&More == 0 || r&Broken != 0 {
			return all &^ More
		}
	}
	g.t.Fatal("no end")
	return 0
}

// expect takes one answer and compares it.
func (g *guest) expect(k, n uint64, status uint8) {
	g.t.Helper()
	gotK, gotN, gotStatus, ok := g.used()
	if assert.True(g.t, ok, "an answer") {
		assert.Equal(g.t, []uint64{k, n, uint64(status)}, []uint64{gotK, gotN, uint64(gotStatus)}, "request, bytes, status")
	}
}

func pattern(n int, seed byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i>>9)*31 + byte(i) + seed
	}
	return b
}
