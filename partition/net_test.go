//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/partition/abi"
	"perdure/partition/net"
	"perdure/partition/ram"
	"perdure/partition/virtio"
	"perdure/partition/virtio/driver"
)

// newNetBench makes two guests with a card each.
func newNetBench(t *testing.T) (b [2]*devBench) {
	c, _ := bench(t, 2)
	connectNets()
	tab.Switch.Patience, tab.Switch.Age = tab.Host.TSCHz*1000, never>>1
	for i := range b {
		p := Lookup(uint64(3 + i))
		*p = Partition{ID: uint64(3 + i), Kind: Guest, State: Running, VPs: 1, FirstVP: uint64(i)}
		v := p.VP(0)
		v.Part, v.ID = p.ID, 0
		v.LAPIC.Reset(0, true)
		v.LAPIC.SVR |= 0x100
		p.IOAPIC.Reset(0, abi.IOAPICPins, 0)
		p.Config.Nets, p.Config.Seed[0] = 1, byte(i)
		b[i] = &devBench{c: c, p: p}
		require.NoError(t, p.resetDevices())
		if i == 0 {
			b[i].g = driver.New(t, p.device(abi.SlotNet))
		} else {
			other := *b[0].g
			other.RAM.Delta += driver.Memory
			other.Device = p.device(abi.SlotNet)
			b[i].g = &other
		}
		p.RAM = ram.RAM{Size: b[i].g.RAM.Size, Delta: b[i].g.RAM.Delta}
		p.IOAPIC.Low[abi.DeviceGSI+abi.SlotNet] = deviceVector
		b[i].g.Access = func(off, val uint32) { b[i].store(abi.SlotNet, off, val) }
	}
	for i := range b { // a guest has no requests yet when it is copied
		b[i].g.Start()
		b[i].interrupted()
	}
	return b
}

// mac is the address of b's card.
func (b *devBench) mac() uint64 { return uint64(b.p.Config.Net[0].MAC) }

// send has b send a frame to another guest, or to all.
func (b *devBench) send(to uint64, text string) {
	f := make([]byte, 12+14)
	for i := range 6 {
		f[12+i], f[18+i] = byte(to>>(8*i)), byte(b.mac()>>(8*i))
	}
	b.g.Ask(net.QueueTransmit, driver.Part{Bytes: append(f, text...)})
	b.store(abi.SlotNet, notifyReg, net.QueueTransmit)
}

// room gives b's card a receive buffer.
func (b *devBench) room() {
	b.g.Ask(net.QueueReceive, driver.Part{Room: 1526})
	b.store(abi.SlotNet, notifyReg, net.QueueReceive)
	b.c.serveSome()
}

// got returns the text of the next frame that b has received.
func (b *devBench) got() string {
	_, f, ok := b.g.Answered(net.QueueReceive)
	if !ok || len(f) < 26 {
		return ""
	}
	return string(f[26:])
}

// sent reports whether a frame of b's has gone.
func (b *devBench) sent() bool {
	_, _, ok := b.g.Answered(net.QueueTransmit)
	return ok
}

func TestCardsOfGuests(t *testing.T) {
	b := newNetBench(t)
	assert.NotEqual(t, b[0].mac(), b[1].mac())
	assert.Equal(t, b[0].mac()|1<<48, b[0].p.device(abi.SlotNet).Config[0], "the driver finds the address, and a link")
	b[1].room()
	b[0].send(b[1].mac(), "hello")
	assert.Equal(t, "hello", b[1].got())
	assert.True(t, b[0].sent())
	assert.True(t, b[0].interrupted())
	assert.True(t, b[1].interrupted())
	r, ok := port(4, 0)
	require.True(t, ok)
	assert.Equal(t, []uint64{1, 19, 0, 1}, []uint64{r.RxFrames, r.RxBytes, r.TxFrames, uint64(r.Up)})
	_, ok = port(4, 1)
	assert.False(t, ok, "it has one card")
	_, ok = port(9, 0)
	assert.False(t, ok)
	assert.Zero(t, b[0].c.Serve)
}

func TestWaitingForAGuest(t *testing.T) {
	b := newNetBench(t)
	b[0].send(b[1].mac(), "first")
	b[0].send(b[1].mac(), "second")
	assert.False(t, b[0].sent())
	assert.False(t, b[0].interrupted())
	assert.EqualValues(t, 2, held(0), "they lie in the sender's queue")
	b[1].room()
	assert.Equal(t, "first", b[1].got(), "who has buffers again is sent to")
	assert.True(t, b[0].sent() && b[0].interrupted())
	assert.False(t, b[0].sent())
	assert.EqualValues(t, 1, held(0), "there was room for the first")
	waits := tab.Switch.Waiting
	tab.Switch.Waiting = 0
	assert.Zero(t, held(0))
	assert.EqualValues(t, 1, held(1<<3), "nobody has looked at it yet")
	tab.Switch.Waiting = waits

	b[0].c.resend(tab.Switch.Patient()) // a tick
	b[0].c.after()
	assert.False(t, b[0].sent())
	b[1].store(abi.SlotNet, 0x70, 0) // its driver goes
	b[0].c.serveSome()
	assert.True(t, b[0].sent(), "nobody waits for a driver that has gone")
	b[1].g.Start()
	b[1].room()
	assert.Equal(t, "", b[1].got())
}

func TestGuestGoes(t *testing.T) {
	b := newNetBench(t)
	b[0].send(b[1].mac(), "to nobody soon")
	assert.False(t, b[0].sent())
	require.NoError(t, b[1].p.disconnect())
	b[0].c.after()
	assert.True(t, b[0].sent())
	_, ok := port(4, 0)
	assert.False(t, ok)
	b[0].send(1<<48-1, "all")
	assert.True(t, b[0].sent())
	assert.EqualValues(t, 1, tab.Switch.Port[6].TxUnknown)
}

func TestCardFails(t *testing.T) {
	b := newNetBench(t)
	b[1].g.Spoil(net.QueueReceive)
	b[0].send(b[1].mac(), "to a mess")
	assert.True(t, b[0].sent())
	d := b[1].p.device(abi.SlotNet)
	assert.NotZero(t, d.Status&virtio.StatusNeedsReset)
	assert.EqualValues(t, virtio.ISRConfig, d.ISR&virtio.ISRConfig)
	assert.True(t, b[1].interrupted())
}

// TestFaultWhileSending has a fault of ours come while the switch holds a lock.
func TestFaultWhileSending(t *testing.T) {
	b := newNetBench(t)
	b[1].room()
	b[1].interrupted()
	c := b[0].c
	tab.Switch.Port[8].Lock = c.Index + 1
	b[0].p.device(abi.SlotNet).Owner = c.Index + 1
	c.dropOwned()
	tab.Switch.Drop(c.Index)
	c.after()
	b[0].send(b[1].mac(), "as before")
	assert.Equal(t, "as before", b[1].got())
	assert.True(t, b[1].interrupted())
}

func TestNoTwoCardsWithOneAddress(t *testing.T) {
	b := newNetBench(t)
	p := Lookup(5)
	*p = Partition{ID: 5, Kind: Guest}
	p.Config.Nets = 1
	p.Config.Net[0].MAC = b[0].mac()
	assert.Equal(t, abi.ErrArgument, p.plugNets())
	p.Config.Net[0].Group = 1
	assert.NoError(t, p.plugNets())
	p.Config.Net[0] = abi.NetConfig{MTU: 9001}
	assert.Error(t, p.plugNets())
}
