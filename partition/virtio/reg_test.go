//go:build !metal

package virtio

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRegisters(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct{ off, want uint32 }{
		{regMagic, 0x74726976}, {regVersion, 2}, {regDeviceID, Block}, {regVendorID, vendor}, {regOffered, features},
		{regQueueMax, size}, {regQueueReady, 0}, {regISR, 0}, {regStatus, 0}, {regGeneration, 0},
		{0xb0, 0xffffffff}, {0xb4, 0xffffffff}, {0xb8, 0xffffffff}, {0xbc, 0xffffffff}, // no shared memory
		{0x18, 0}, {0xfff, 0}, {regNotify, 0},
	} {
		assert.Equal(t, c.want, b.r(c.off), "register %#x", c.off)
	}
	assert.Zero(t, b.d.Read(regMagic, 1), "registers have four bytes")
	assert.Zero(t, b.d.Read(regMagic, 8))
	b.w(regDevSel, 1)
	assert.EqualValues(t, 1, b.r(regOffered), "VERSION_1")
	b.w(regDevSel, 2)
	assert.Zero(t, b.r(regOffered))
	b.w(regDevSel, 64)
	assert.Zero(t, b.r(regOffered))
	b.w(regQSel, 1)
	assert.Zero(t, b.r(regQueueMax), "there is no second queue")
	b.w(regQueueSize, 4)
	b.w(regQSel, 0xffffffff)
	assert.Zero(t, b.r(regQueueMax))
	b.w(regQueueReady, 1)
	assert.Equal(t, Queue{}, b.d.Queue[1])
	var none Device
	assert.EqualValues(t, magic, none.Read(regMagic, 4), "an empty slot is a device of kind 0")
	assert.Zero(t, none.Read(regDeviceID, 4))
	assert.Equal(t, None, none.Write(&b.l, regStatus, 4, 1))
	assert.Zero(t, b.l.N)
}

func TestConfigurationSpace(t *testing.T) {
	b := newBench(t)
	b.d.Config[0], b.d.Config[1] = 0x8877665544332211, 0x00000000ccbbaa99
	for _, c := range []struct {
		off  uint32
		size uint8
		want uint64
	}{
		{0, 1, 0x11}, {7, 1, 0x88}, {0, 2, 0x2211}, {6, 2, 0x8877}, {7, 2, 0x9988}, {4, 4, 0x88776655},
		{6, 4, 0xaa998877}, {0, 8, 0x8877665544332211}, {8, 8, 0xccbbaa99}, {127, 8, 0}, {0xe00, 8, 0},
	} {
		assert.Equal(t, c.want, b.d.Read(regConfig+c.off, c.size), "offset %d, %d bytes", c.off, c.size)
	}
	b.w(regConfig, 7)
	assert.EqualValues(t, 0x11, b.d.Read(regConfig, 1), "it is read-only")
	b.d.SetConfig(&b.l, 1, 5)
	b.l.Apply()
	assert.EqualValues(t, 5, b.d.Read(regConfig+8, 8))
	assert.EqualValues(t, 1, b.r(regGeneration))
}

func TestNegotiation(t *testing.T) {
	for _, c := range []struct {
		what      string
		low, high uint32
		ok        bool
	}{
		{"VERSION_1", 0, 1, true},
		{"and what is offered", features, 1, true},
		{"a legacy driver", features, 0, false},
		{"more than is offered", features | 1, 1, false},
		{"packed rings", 0, 1 | 1<<2, false},
	} {
		b := newBench(t)
		b.w(regStatus, StatusAcknowledge|StatusDriver)
		b.w(regAccepted, c.low)
		b.w(regDrvSel, 1)
		b.w(regAccepted, c.high)
		b.w(regDrvSel, 2)
		b.w(regAccepted, 0xffffffff)
		b.w(regStatus, StatusAcknowledge|StatusDriver|StatusFeaturesOK)
		assert.Equal(t, c.ok, b.r(regStatus)&StatusFeaturesOK != 0, c.what)
		b.w(regStatus, StatusAcknowledge|StatusDriver|StatusFeaturesOK|StatusDriverOK)
		assert.Equal(t, c.ok, b.d.Live(), c.what)
		b.w(regDrvSel, 0)
		b.w(regAccepted, 0)
		assert.Equal(t, c.ok, b.d.Has(uint64(c.low)|uint64(c.high)<<32) && c.ok, "what was agreed on stays: %s", c.what)
	}
	b := newBench(t)
	b.w(regStatus, StatusDriverOK)
	assert.False(t, b.d.Live(), "nothing was negotiated")
	b.w(regStatus, StatusNeedsReset)
	assert.Zero(t, b.r(regStatus)&StatusNeedsReset, "that one is ours")
}

func TestReset(t *testing.T) {
	b := live(t)
	b.d.Config[0] = 77
	b.w(regNotify, 0)
	b.d.ISR, b.d.Faults = ISRQueue, 2
	e := b.d.Write(&b.l, regStatus, 4, 0)
	b.l.Apply()
	assert.Equal(t, Serve, e)
	assert.False(t, b.d.Live(), "nothing is served from the moment of the reset on")
	assert.Zero(t, b.r(regStatus), "and the driver sees that it is done")
	b.d.Reset()
	want := Device{ID: Block, Offered: features | Version1, Queues: 1}
	want.Queue[0].Max, want.Config[0] = size, 77
	assert.Equal(t, want, b.d)
}

func TestQueueSetup(t *testing.T) {
	b := newBench(t)
	b.negotiate()
	for _, c := range []struct {
		what                    string
		size, desc, avail, used uint32
		ok                      bool
	}{
		{"as it should be", size, descAt, availAt, usedAt, true},
		{"smaller", 2, descAt, availAt, usedAt, true},
		{"no entries", 0, descAt, availAt, usedAt, false},
		{"descriptors across pages", size, descAt + 8, availAt, usedAt, false},
		{"indices across pages", size, descAt, availAt + 1, usedAt, false},
		{"answers across pages", size, descAt, availAt, usedAt + 2, false},
	} {
		b.d.Reset()
		b.w(regQueueSize, c.size)
		b.w(regDesc, c.desc)
		b.w(regAvail, c.avail)
		b.w(regUsed, c.used)
		b.w(regQueueReady, 1)
		assert.Equal(t, c.ok, b.r(regQueueReady) == 1, c.what)
	}
	b.d.Reset()
	b.queue()
	for _, n := range []uint32{3, 2 * size, 0x80000008} {
		b.d.Queue[0].Ready = 0
		b.w(regQueueSize, n)
		assert.EqualValues(t, size, b.d.Queue[0].Size, "size %d", n)
	}
	b.w(regQueueReady, 1)
	b.w(regDesc, 0)
	b.w(regAvail+4, 7)
	b.w(regQueueSize, 2)
	assert.Equal(t, Queue{Max: size, Size: size, Ready: 1, Desc: descAt, Avail: availAt, Used: usedAt}, b.d.Queue[0], "it is in use")
	b.w(regQueueReady, 0)
	assert.Zero(t, b.r(regQueueReady))
	b.w(regAvail+4, 7)
	assert.EqualValues(t, 7<<32|availAt, b.d.Queue[0].Avail)
}

func TestNotify(t *testing.T) {
	b := live(t)
	assert.Equal(t, Serve, b.w(regNotify, 0))
	assert.EqualValues(t, 1, b.d.Kick)
	assert.Equal(t, None, b.w(regNotify, 1), "there is no such queue")
	assert.Equal(t, None, b.w(regNotify, 0x10000))
	assert.EqualValues(t, 1, b.d.Kick)
	b.d.ISR = 3
	b.w(regACK, ISRQueue|0xf0)
	assert.EqualValues(t, ISRConfig, b.r(regISR))
	assert.True(t, Private(regStatus) && Private(regQueueReady) && !Private(regNotify) && !Private(regACK))

	b = newBench(t)
	b.negotiate()
	b.queue()
	b.w(regNotify, 0)
	assert.Equal(t, Serve, b.w(regStatus, statusDriver&^StatusFailed))
	assert.EqualValues(t, 1|KickRaise, b.d.Kick, "what was notified early is looked at when the driver is ready")
	b.d.Break(&b.l)
	b.l.Apply()
	assert.False(t, b.d.Live())
	b.d.Kick = 0
	b.d.KickAll()
	assert.Zero(t, b.d.Kick, "a broken device waits for its reset")
	b.w(regStatus, 0)
	assert.Zero(t, b.r(regStatus))
}

func TestRetired(t *testing.T) {
	b := live(t)
	b.d.Retire()
	assert.Zero(t, b.d.Owner)
	assert.False(t, b.d.Live())
	assert.Zero(t, b.r(regDeviceID))
}
