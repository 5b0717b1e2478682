//go:build !metal

package blk

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/mm/addr"
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

func TestMemoryDisk(t *testing.T) {
	g := newGuest(t, abi.DiskRAM, 0)
	for i := addr.HPA(0); i < diskSize; i += 8 {
		phys.Store(diskAt+i, 0)
	}
	b := pattern(4096, 3)
	g.ask(0, opOut, 8, b, 4096)
	g.ask(1, opFlush, 0, nil, 0)
	g.ask(2, opIn, 9, nil, 1024)
	assert.Equal(t, Answered, g.serve())
	g.expect(0, 1, statusOK)
	g.expect(1, 1, statusOK)
	g.expect(2, 1025, statusOK)
	assert.Equal(t, b[512:1536], g.data(2, 1024))
	g.ask(0, opGetID, 0, nil, 20)
	g.ask(1, opGetID, 0, nil, 64)
	assert.Equal(t, Answered, g.serve())
	g.expect(0, 21, statusOK)
	g.expect(1, 21, statusOK)
	assert.Equal(t, "a serial number, twe", string(g.data(0, 20)))
	assert.Equal(t, []uint64{1, 1, 1, 0, 5120}, []uint64{g.d.Reads, g.d.Writes, g.d.Flushes, g.d.Errors, g.d.Moved})
}

func TestConfiguration(t *testing.T) {
	g := newGuest(t, abi.DiskRAM, abi.DiskReadOnly)
	assert.EqualValues(t, virtio.Version1|featRO|featFlush|featBlkSize|featSegMax|featSizeMax, g.v.Offered)
	assert.EqualValues(t, diskSize/512, g.v.Read(0x100, 8))
	assert.EqualValues(t, ramSegment, g.v.Read(0x108, 4))
	assert.EqualValues(t, ramSegments, g.v.Read(0x10c, 4))
	assert.EqualValues(t, 512, g.v.Read(0x114, 4))
	g = newGuest(t, abi.DiskFile, 0)
	assert.EqualValues(t, abi.RingSlotMax, g.v.Read(0x108, 4)*g.v.Read(0x10c, 4))
	assert.Zero(t, g.v.Offered&featRO)
}

func TestRefused(t *testing.T) {
	for _, kind := range []abi.DiskKind{abi.DiskRAM, abi.DiskFile} {
		g := newGuest(t, kind, abi.DiskReadOnly)
		for _, c := range []struct {
			op, at, n uint64
			status    uint8
		}{
			{opOut, 0, 512, statusError},                 // read-only
			{opIn, diskSize / 512, 512, statusError},     // behind the end
			{opIn, diskSize/512 - 1, 1024, statusError},  // over the end
			{opIn, 1<<64 - 1, 512, statusError},          // wraps
			{opIn, 1 << 55, 512, statusError},            // wraps when it is bytes
			{opIn, 0, 511, statusError},                  // no whole sectors
			{11, 0, 512, statusUnsupported},              // discard
			{1 << 31, 0, 512, statusUnsupported},         // a barrier of old
			{opFlush | opOut, 5, 512, statusUnsupported}, // a number that is none
		} {
			g.ask(0, c.op, c.at, nil, c.n)
			assert.Equal(t, Answered, g.serve(), "%+v", c)
			g.expect(0, 1, c.status)
		}
		assert.EqualValues(t, 9, g.d.Errors)
	}
	g := newGuest(t, abi.DiskFile, 0)
	g.ask(0, opOut, 0, nil, abi.RingSlotMax+512)
	g.serve()
	g.expect(0, 1, statusError)
}

// A request without a header or without room for the status breaks the device,
// and so does what is no request at all.
func TestMalformed(t *testing.T) {
	const more, write, indirect = 1, 2, 4
	for name, make := range map[string]func(g *guest){
		"short header":        func(g *guest) { g.desc(0, headerAt, 15, more, 1); g.desc(1, statusAt, 1, write, 0) },
		"no status":           func(g *guest) { g.desc(0, headerAt, 16, 0, 0) },
		"header is writable":  func(g *guest) { g.desc(0, headerAt, 16, write, 0) },
		"loop":                func(g *guest) { g.desc(0, headerAt, 16, more, 1); g.desc(1, headerAt, 16, more, 0) },
		"outside the table":   func(g *guest) { g.desc(0, headerAt, 16, more, queueSize) },
		"outside memory":      func(g *guest) { g.desc(0, guestSize, 16, more, 1); g.desc(1, statusAt, 1, write, 0) },
		"over memory's end":   func(g *guest) { g.desc(0, guestSize-8, 16, more, 1); g.desc(1, statusAt, 1, write, 0) },
		"indirect":            func(g *guest) { g.desc(0, headerAt, 16, indirect, 0) },
		"read after write":    func(g *guest) { g.desc(0, statusAt, 1, write|more, 1); g.desc(1, headerAt, 16, 0, 0) },
		"longer than we take": func(g *guest) { g.desc(0, 0, 1<<32-1, more, 1); g.desc(1, statusAt, 1, write, 0) },
	} {
		for _, kind := range []abi.DiskKind{abi.DiskRAM, abi.DiskFile} {
			g := newGuest(t, kind, 0)
			make(g)
			g.offer(0)
			assert.Equal(t, Broken, g.serve()&Broken, name)
			_, _, _, ok := g.used()
			assert.False(t, ok, name)
		}
	}
	g := newGuest(t, abi.DiskRAM, 0)
	g.m.Write(availAt+2, 200, 2) // more than the queue has
	assert.Equal(t, Broken, g.serve())
}

// Data and status may lie in one descriptor, header and data as well.
func TestOtherFraming(t *testing.T) {
	g := newGuest(t, abi.DiskRAM, 0)
	g.m.Write(dataAt, opOut, 8)
	g.m.Write(dataAt+8, 3, 8)
	put(g.m, dataAt+16, pattern(512, 9))
	g.desc(0, dataAt, 16+512, 1, 1)
	g.desc(1, statusAt, 1, 2, 0)
	g.offer(0)
	g.m.Write(headerAt, opIn, 8)
	g.m.Write(headerAt+8, 3, 8)
	g.desc(3, headerAt, 16, 1, 4)
	g.desc(4, dataAt+0x8000, 513, 2, 0)
	g.offer(3)
	assert.Equal(t, Answered, g.serve())
	g.expect(0, 1, statusOK)
	k, n, _, ok := g.used()
	require.True(t, ok)
	assert.Equal(t, []uint64{1, 513}, []uint64{k, n})
	assert.True(t, bytes.Equal(append(pattern(512, 9), statusOK), g.data(1, 513)))
}

// One call does a bounded piece, and says that there is more.
func TestBounded(t *testing.T) {
	g := newGuest(t, abi.DiskRAM, 0)
	for k := range uint64(Batch + 1) {
		g.ask(k, opFlush, 0, nil, 0)
	}
	assert.Equal(t, Answered|More, g.d.Serve(&g.v, g.m, &g.c))
	assert.EqualValues(t, Batch, g.d.Flushes)
	assert.Equal(t, Answered, g.d.Serve(&g.v, g.m, &g.c))
}
