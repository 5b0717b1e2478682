//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/partition/abi"
	"perdure/partition/vcon"
	"perdure/partition/virtio"
	"perdure/partition/virtio/driver"
)

func TestConsoleOfAGuest(t *testing.T) {
	b := newDevBench(t, abi.SlotConsole)
	assert.True(t, b.interrupted(), "once, when the driver is ready")
	b.g.Ask(vcon.QueueTransmit, driver.Part{Bytes: []byte("login: ")})
	b.store(abi.SlotConsole, notifyReg, vcon.QueueTransmit)
	var heard [16]byte
	n, _ := b.p.heard(0, heard[:])
	assert.Equal(t, "login: ", string(heard[:n]))
	_, _, ok := b.g.Answered(vcon.QueueTransmit)
	assert.True(t, ok)
	assert.True(t, b.interrupted())
	assert.EqualValues(t, virtio.ISRQueue|virtio.ISRConfig, b.p.device(abi.SlotConsole).ISR)
	b.store(abi.SlotConsole, 0x64, 3)
	assert.Zero(t, b.p.device(abi.SlotConsole).ISR)

	b.p.typing('r')
	b.p.typedFor(b.c)
	b.c.after()
	assert.False(t, b.interrupted(), "there is no buffer")
	b.p.typing('o')
	b.g.Ask(vcon.QueueReceive, driver.Part{Room: 100})
	b.store(abi.SlotConsole, notifyReg, vcon.QueueReceive)
	_, got, _ := b.g.Answered(vcon.QueueReceive)
	assert.Equal(t, "ro", string(got))
	assert.True(t, b.interrupted())
	assert.Equal(t, b.p.Tty.Tail, b.p.Tty.Head)
	assert.Zero(t, b.c.Serve)
}

func TestEventsOfRoot(t *testing.T) {
	b := newDevBench(t, rootSlotConsole)
	g := Lookup(3)
	g.ID = 3
	g.tellRing(b.c)
	g.tell()
	g.tell()
	b.c.after()
	b.g.Ask(vcon.QueueReceive, driver.Part{Room: 1})
	b.g.Ask(vcon.QueueReceive, driver.Part{Room: 10})
	b.g.Ask(vcon.QueueReceive, driver.Part{Room: 10})
	b.store(rootSlotConsole, notifyReg, vcon.QueueReceive)
	for _, want := range []byte{abi.RingEvent + 3, abi.StateEvent + 3} {
		_, got, _ := b.g.Answered(vcon.QueueReceive)
		assert.Equal(t, []byte{want}, got)
	}
	_, _, ok := b.g.Answered(vcon.QueueReceive)
	assert.False(t, ok)
	assert.True(t, b.interrupted())
	b.g.Ask(vcon.QueueTransmit, driver.Part{Bytes: []byte("who listens?")})
	b.store(rootSlotConsole, notifyReg, vcon.QueueTransmit)
	_, _, ok = b.g.Answered(vcon.QueueTransmit)
	assert.True(t, ok)
}

// TestServingIsBounded has more to do than is done at the end of one exit.
func TestServingIsBounded(t *testing.T) {
	b := newDevBench(t, abi.SlotEntropy)
	for range driver.Size {
		b.g.Ask(0, driver.Part{Room: 8})
	}
	b.store(abi.SlotEntropy, notifyReg, 0)
	assert.EqualValues(t, 1, b.c.Leave)
	assert.EqualValues(t, 1<<3, b.c.Serve)
	b.c.serveSome()
	assert.Zero(t, b.c.Serve)
	assert.Zero(t, b.c.Leave)
	for range driver.Size {
		_, got, ok := b.g.Answered(0)
		require.True(t, ok)
		assert.Len(t, got, 8)
	}
}

// TestOneServesADevice has the device with another processor at the time of the
// notification: that one finds the bit when it gives the device back.
func TestOneServesADevice(t *testing.T) {
	b := newDevBench(t, abi.SlotEntropy)
	d := b.p.device(abi.SlotEntropy)
	other := &tab.CPUs[1]
	require.True(t, other.own(d, false))
	b.g.Ask(0, driver.Part{Room: 8})
	b.store(abi.SlotEntropy, notifyReg, 0)
	_, _, ok := b.g.Answered(0)
	assert.False(t, ok)
	assert.Zero(t, b.c.Serve, "it is not ours to look again")
	assert.EqualValues(t, 1, d.Kick)
	release(&d.Owner)
	other.serveDevice(b.p, abi.SlotEntropy)
	_, _, ok = b.g.Answered(0)
	assert.True(t, ok)
	assert.Zero(t, d.Owner)
	assert.Zero(t, d.Kick)
}

func TestResetUnderWay(t *testing.T) {
	b := newDevBench(t, abi.SlotEntropy)
	d := b.p.device(abi.SlotEntropy)
	other := &tab.CPUs[1]
	require.True(t, other.own(d, false))
	d.Kick = virtio.KickReset // another VP's store of 0, while it is served
	assert.Zero(t, b.p.readRegister(abi.SlotEntropy, 0x70, 4))
	release(&d.Owner)
	b.store(abi.SlotEntropy, 0x70, 1)
	assert.EqualValues(t, 1, b.p.readRegister(abi.SlotEntropy, 0x70, 4), "the reset came first")
	assert.Zero(t, d.Queue[0].Ready)
	assert.Zero(t, d.Owner)
	assert.Zero(t, b.c.Owned)
	b.g.Start()
	b.g.Ask(0, driver.Part{Room: 8})
	b.store(abi.SlotEntropy, notifyReg, 0)
	_, _, ok := b.g.Answered(0)
	assert.True(t, ok)
}

func TestMalformedQueueStopsADevice(t *testing.T) {
	for _, slot := range []uint64{abi.SlotEntropy, abi.SlotConsole} {
		b := newDevBench(t, slot)
		d := b.p.device(slot)
		b.store(slot, 0x64, 3)
		b.interrupted()
		queue := uint32(d.Queues - 1)
		b.g.Spoil(int(queue))
		b.store(slot, notifyReg, queue)
		assert.NotZero(t, b.p.readRegister(slot, 0x70, 4)&virtio.StatusNeedsReset)
		assert.EqualValues(t, virtio.ISRConfig, d.ISR)
		assert.True(t, b.interrupted())
		assert.EqualValues(t, 1, d.Bad)
		b.g.Ask(int(queue), driver.Part{Room: 8})
		b.store(slot, notifyReg, queue)
		b.p.kickDevices(b.c)
		b.c.after()
		_, _, ok := b.g.Answered(int(queue))
		assert.False(t, ok)
		b.g.Start()
		assert.True(t, d.Live(), "until it is reset")
	}
}

// TestFaultWhileServing drops what a server was in the middle of, and begins it
// again, but not for ever.
func TestFaultWhileServing(t *testing.T) {
	b := newDevBench(t, abi.SlotEntropy)
	d := b.p.device(abi.SlotEntropy)
	b.g.Ask(0, driver.Part{Room: 8})
	var nobody *VP
	for i := range uint64(maxUnwound) {
		faulty(func() {
			require.True(t, b.c.own(d, false))
			d.Kick = 0
			b.c.Log.Set(&d.Queue[0].Next, 7)
			b.c.lock(b.p)
			nobody.Bad++
		})
		require.Zero(t, d.Owner)
		require.Zero(t, b.p.Lock)
		require.Equal(t, i < maxUnwound-1, d.Live())
		if i == 2 {
			b.c.after()
			_, _, ok := b.g.Answered(0)
			assert.True(t, ok)
		}
	}
	b.g.Start()
	assert.True(t, d.Live())
}

func TestServingAllocatesNothing(t *testing.T) {
	b := newDevBench(t, abi.SlotEntropy)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		b.g.Ask(0, driver.Part{Room: 8})
		b.store(abi.SlotEntropy, notifyReg, 0)
	}))
}

func TestWindows(t *testing.T) {
	b := newDevBench(t, abi.SlotConsole)
	v := b.p.VP(0)
	for gpa, want := range map[uint64]int{
		abi.DeviceBase: windowDevice, abi.DeviceBase + 0x7fff: windowDevice + 7, abi.DeviceBase + 0x8000: windowNothing,
		abi.DeviceBase - 1: windowNothing, 0: windowNothing, ioapicWindow: windowIOAPIC,
	} {
		assert.Equal(t, want, b.p.window(v, gpa), "%#x", gpa)
	}
	assert.EqualValues(t, 0, v.readWindow(windowDevice+abi.SlotDisk, 8, 4), "there is no disk")
	assert.EqualValues(t, virtio.Console, v.readWindow(windowDevice+abi.SlotConsole, 8, 4))
	b.p.DeviceBase = 0
	assert.Equal(t, windowNothing, b.p.window(v, 0))
}
