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
	"perdure/partition/virtio"
)

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
