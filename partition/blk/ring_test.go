//go:build !metal

package blk

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/mm/addr"
	"perdure/mm/phys"
	"perdure/partition/abi"
)

// answer does what a server does with slot i, whose data become b.
func (g *guest) answer(i uint64, status uint32, b []byte) {
	s := g.d.slot(i)
	assert.EqualValues(g.t, abi.SlotQueued, s.State)
	m := *g.m
	m.Start, m.Delta, m.Size = 0, diskAt, abi.RingBytes
	put(&m, abi.RingData+i*abi.RingSlotMax, b)
	s.Status = status
	s.State = abi.SlotDone
}

// slotData returns the beginning of what lies in slot i.
func (g *guest) slotData(i uint64) uint64 {
	return phys.Load(addr.HPA(diskAt + abi.RingData + i*abi.RingSlotMax))
}

func TestFileDisk(t *testing.T) {
	g := newGuest(t, abi.DiskFile, 0)
	r := g.d.ring()
	assert.EqualValues(t, abi.RingMagic, r.Magic)
	assert.EqualValues(t, diskSize, r.Capacity)
	r.Wants = 1
	b := pattern(4096, 5)
	g.ask(0, opOut, 8, b, 4096)
	g.ask(1, opFlush, 0, nil, 0)
	g.ask(2, opIn, 16, nil, 4096)
	assert.Equal(t, Tell, g.serve())
	assert.Zero(t, r.Wants, "told once")
	assert.Zero(t, g.d.Untold)
	assert.EqualValues(t, 3, g.d.InFlight())
	for i, want := range []abi.RingSlot{
		{State: abi.SlotQueued, Seq: 1, Op: abi.RingWrite, Status: abi.RingError, Sector: 8, Bytes: 4096},
		{State: abi.SlotQueued, Seq: 2, Op: abi.RingFlush, Status: abi.RingError},
		{State: abi.SlotQueued, Seq: 3, Op: abi.RingRead, Status: abi.RingError, Sector: 16, Bytes: 4096},
	} {
		assert.Equal(t, want, r.Slot[i])
	}
	word, _ := g.m.Read(dataAt, 8)
	assert.Equal(t, word, g.slotData(0))
	_, _, _, ok := g.used()
	assert.False(t, ok, "answered before the server did")

	read := pattern(4096, 77)
	g.answer(2, abi.RingOK, read)
	g.answer(0, abi.RingOK, nil)
	assert.Equal(t, Answered, g.serve())
	g.expect(0, 1, statusOK)
	g.expect(2, 4097, statusOK)
	assert.Equal(t, read, g.data(2, 4096))
	g.answer(1, abi.RingError, nil)
	g.ask(0, opIn, 0, nil, 512)
	assert.Equal(t, Answered, g.serve(), "nobody wants to be told")
	g.expect(1, 1, statusError)
	assert.EqualValues(t, 4, r.Slot[0].Seq)
	g.ask(1, opGetID, 0, nil, 20)
	g.serve()
	g.expect(1, 21, statusOK)
}

// Requests beyond the ring's slots stay in the queue until there is room.
func TestRingIsFull(t *testing.T) {
	g := newGuest(t, abi.DiskFile, 0)
	for k := range uint64(abi.RingSlots + 3) {
		g.ask(k, opIn, k, nil, 512)
	}
	g.serve()
	assert.EqualValues(t, abi.RingSlots, g.d.InFlight())
	for round := range uint64(3) {
		g.answer(round, abi.RingOK, nil)
		assert.Equal(t, Answered, g.serve())
		assert.EqualValues(t, abi.RingSlots, g.d.InFlight())
		assert.EqualValues(t, abi.RingSlots+round, g.d.slot(round).Sector)
		g.expect(round, 513, statusOK)
	}
}

// What a driver asked for before it reset the device keeps its slots until the
// server is done with them; nobody hears of it.
func TestReset(t *testing.T) {
	g := newGuest(t, abi.DiskFile, 0)
	g.ask(0, opOut, 0, pattern(512, 1), 512)
	g.ask(1, opIn, 0, nil, 512)
	g.serve()
	g.d.Reset()
	g.v.Reset()
	g.ready()
	g.ask(5, opIn, 7, nil, 512)
	g.serve()
	assert.EqualValues(t, 7, g.d.slot(2).Sector, "slots of the past are not used")
	g.answer(0, abi.RingOK, nil)
	g.answer(1, abi.RingOK, pattern(512, 1))
	g.answer(2, abi.RingOK, pattern(512, 6))
	assert.Equal(t, Answered, g.serve())
	g.expect(5, 513, statusOK)
	assert.Equal(t, pattern(512, 6), g.data(5, 512))
	_, _, _, ok := g.used()
	assert.False(t, ok)
	assert.Zero(t, g.d.InFlight())
	assert.True(t, g.d.possible())
}

// The guest may change descriptors after they were taken: then its device breaks,
// or its own memory gets what it asked for.
func TestDescriptorsChange(t *testing.T) {
	g := newGuest(t, abi.DiskFile, 0)
	g.ask(0, opIn, 0, nil, 4096)
	g.ask(1, opIn, 0, nil, 4096)
	g.serve()
	g.desc(1, dataAt, 100, 2, 0) // shorter, and the status in it
	g.answer(0, abi.RingOK, pattern(4096, 1))
	assert.Equal(t, Answered, g.serve())
	g.expect(0, 100, 0xee)
	g.desc(4, 2*guestSize, 4096, 3, 5)
	g.answer(1, abi.RingOK, nil)
	assert.Equal(t, Broken, g.serve()&Broken)
	assert.Zero(t, g.d.InFlight())
}

func TestClose(t *testing.T) {
	g := newGuest(t, abi.DiskFile, 0)
	assert.True(t, g.d.Close(), "nobody has come")
	g.d.ring().Server = 1
	assert.False(t, g.d.Close())
	assert.EqualValues(t, 1, g.d.ring().Closing)
	g.d.ring().Server = 0
	assert.True(t, g.d.Close())
	m := newGuest(t, abi.DiskRAM, 0)
	assert.True(t, m.d.Close())
}

func TestSave(t *testing.T) {
	g := newGuest(t, abi.DiskFile, 0)
	g.ask(0, opOut, 8, pattern(4096, 1), 4096)
	g.ask(1, opIn, 8, nil, 4096)
	g.serve()
	g.answer(0, abi.RingOK, nil)
	saved := g.d.Save(nil)
	o := newOther(g)
	assert.NoError(t, o.Load(saved))
	assert.Equal(t, saved, o.Save(nil))
	o.Header = g.d.Header
	assert.Equal(t, g.d, *o)
	o.Capacity++
	assert.Error(t, o.Load(saved), "another disk")
	assert.Error(t, newOther(g).Load(saved[:len(saved)-8]))
	g.d.Orphans = 1 << 9
	assert.Error(t, newOther(g).Load(g.d.Save(nil)), "an orphan that is none")
}

// newOther returns a disk like g's that has done nothing.
func newOther(g *guest) *Disk {
	d := &Disk{}
	d.Init(&abi.DiskConfig{Kind: abi.DiskKind(g.d.Kind), Flags: uint32(g.d.ReadOnly), Capacity: g.d.Capacity}, 6*mib, g.d.Size)
	d.Base = g.d.Base
	return d
}
