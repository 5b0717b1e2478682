//go:build !metal

package net

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/partition/virtio"
)

func TestFrameToOne(t *testing.T) {
	w := newWorld(t)
	s := &w.Switch
	for i := range uint64(guests) {
		w.post(i, 0, 8)
	}
	f := frame(mac(2), mac(0), "to one")
	w.transmit(0, 3, f)
	assert.False(t, s.Send(0, 0, 1))
	assert.Equal(t, []string{string(f)}, w.received(2, 0))
	assert.Equal(t, [][2]uint64{{3, 0}}, w.answers(0, QueueTransmit, 0))
	for _, i := range []uint64{0, 1, 3} {
		assert.Empty(t, w.received(i, 0), "guest %d", i)
	}
	head := w.bytes(2, buffer(QueueReceive, 0), lenVirtio)
	assert.Equal(t, []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}, head, "one buffer, no offloads")
	owed, failed := s.Owed()
	assert.Equal(t, uint64(OweTransmit|OweReceive<<2), owed)
	assert.Zero(t, failed)
	p, r := &s.Port[0], &s.Port[2]
	assert.Equal(t, []uint64{1, uint64(len(f)), 1, uint64(len(f))}, []uint64{p.TxFrames, p.TxBytes, r.RxFrames, r.RxBytes})
}

func TestFrameToMany(t *testing.T) {
	w := newWorld(t)
	s := &w.Switch
	for i := range uint64(guests) {
		w.post(i, 0, 8)
	}
	require.True(t, s.Plug(3, mac(3), 7, DefaultMTU)) // in another group
	for n, dst := range []uint64{everyone, 0x0000005e0001, mac(9), 0x0e0000c28001, mac(3)} {
		w.transmit(1, uint64(n), frame(dst, mac(1), "to many"))
	}
	assert.False(t, s.Send(1, 0, 1))
	assert.Len(t, w.answers(1, QueueTransmit, 0), 5)
	for i, want := range []int{4, 0, 4, 0} { // not the one for neighbours of the wire only
		assert.Len(t, w.received(uint64(i), 0), want, "guest %d", i)
	}
	assert.EqualValues(t, 1, s.Port[1].TxUnknown)
}

func TestRefused(t *testing.T) {
	long := strings.Repeat("x", DefaultMTU)
	tagged := []byte(string(frame(mac(1), mac(0), ""))[:12] + "\x81\x00" + long + "tag!")
	for _, c := range []struct {
		name  string
		frame []byte
		bad   uint64
	}{
		{"as long as can be", frame(mac(1), mac(0), long), 0},
		{"too long", frame(mac(1), mac(0), long+"x"), 1},
		{"with a tag", tagged[:lenEthernet+DefaultMTU+lenVLAN], 0},
		{"no header", frame(mac(1), mac(0), "")[:13], 1},
		{"from another's address", frame(mac(1), mac(2), ""), 1},
		{"from a group", frame(mac(1), mac(0)|multi, ""), 1},
		{"from nobody", frame(mac(1), 0, ""), 1},
	} {
		w := newWorld(t)
		w.post(1, 0, 1)
		w.transmit(0, 0, c.frame)
		w.Switch.Send(0, 0, 1)
		p := &w.Switch.Port[0]
		assert.Equal(t, []uint64{c.bad, 1 - c.bad}, []uint64{p.TxBad, p.TxFrames}, c.name)
		assert.Len(t, w.received(1, 0), int(1-c.bad), c.name)
		assert.Len(t, w.answers(0, QueueTransmit, 0), 1, c.name)
	}
}

func TestOffloadsAreRefused(t *testing.T) {
	w := newWorld(t)
	w.post(1, 0, 1)
	w.transmit(0, 0, frame(mac(1), mac(0), "x"))
	w.bytes(0, buffer(QueueTransmit, 0), 1)[0] = 1 // wants a checksum
	w.Switch.Send(0, 0, 1)
	assert.EqualValues(t, 1, w.Switch.Port[0].TxBad)
}

func TestMalformedQueues(t *testing.T) {
	for _, c := range []struct {
		name   string
		do     func(w *world)
		broken uint64
	}{
		{"a receive buffer to be read", func(w *world) { w.offer(1, QueueReceive, 0, bufferLen, false) }, 1},
		{"a loop", func(w *world) {
			w.offer(1, QueueReceive, 0, 1, true)
			copy(w.bytes(1, descAt+8, 8), "\x01\x00\x00\x00\x03\x00\x00\x00")
		}, 1},
		{"an index far ahead", func(w *world) { w.bytes(0, availAt+queueAt+2, 1)[0] = 200 }, 0},
		{"no ring", func(w *world) { w.Device[0].Queue[QueueTransmit].Avail = 64 * mib }, 0},
	} {
		w := newWorld(t)
		s := &w.Switch
		w.transmit(0, 0, frame(mac(1), mac(0), "x"))
		c.do(w)
		assert.False(t, s.Send(0, 0, 1), c.name)
		_, failed := s.Owed()
		assert.Equal(t, bit(c.broken), failed, c.name)
		assert.NotZero(t, w.Device[c.broken].Status&virtio.StatusNeedsReset, c.name)
		assert.False(t, s.IsUp(c.broken), c.name)
		s.Send(0, 0, 1)
		s.Down(c.broken, 0)
		w.ready(c.broken)
		assert.True(t, s.IsUp(c.broken), c.name)
	}
}

func TestUsedRingThatIsNone(t *testing.T) {
	w := newWorld(t)
	s := &w.Switch
	w.post(1, 0, 1)
	w.Device[1].Queue[QueueReceive].Used = 64 * mib
	w.transmit(0, 0, frame(mac(1), mac(0), "x"))
	assert.False(t, s.Send(0, 0, 1))
	assert.Len(t, w.answers(0, QueueTransmit, 0), 1)
	assert.False(t, s.IsUp(1))
	w.Device[0].Queue[QueueTransmit].Used = 64 * mib
	w.post(2, 0, 1)
	w.transmit(0, 1, frame(mac(2), mac(0), "x"))
	assert.False(t, s.Send(0, 0, 1))
	assert.False(t, s.IsUp(0))
}

func TestSeveralParts(t *testing.T) {
	w := newWorld(t)
	parts := [][]byte{make([]byte, lenVirtio), frame(mac(1), mac(0), "")[:9], frame(mac(1), mac(0), "")[9:], []byte("in pieces, ")}
	text := frame(mac(1), mac(0), "in pieces, and the rest")
	parts = append(parts, []byte("and the rest"))
	chain := func(i, q uint64, sizes []int, write byte) {
		for k, n := range sizes {
			w.offer(i, q, uint64(k), uint64(n), write != 0)
			next := byte(1)
			if k == len(sizes)-1 {
				next = 0
			}
			d := w.bytes(i, descAt+q*queueAt+16*uint64(k), 16)
			d[12], d[14] = next|write, byte(k+1)
		}
		a := w.bytes(i, availAt+q*queueAt, 8)
		a[2], a[4] = 1, 0 // one chain
	}
	chain(1, QueueReceive, []int{5, 20, 1, 2000}, 2)
	var sizes []int
	for k, b := range parts {
		copy(w.bytes(0, buffer(QueueTransmit, uint64(k)), bufferLen), b)
		sizes = append(sizes, len(b))
	}
	chain(0, QueueTransmit, sizes, 0)
	w.Switch.Send(0, 0, 1)
	a := w.answers(1, QueueReceive, 0)
	require.Equal(t, [][2]uint64{{0, uint64(lenVirtio + len(text))}}, a)
	var got []byte
	for k, n := range []uint64{5, 20, 1, a[0][1] - 26} {
		got = append(got, w.bytes(1, buffer(QueueReceive, uint64(k)), n)...)
	}
	assert.Equal(t, string(text), string(got[lenVirtio:]))
}

func TestBatchesAreBounded(t *testing.T) {
	w := newWorld(t)
	w.post(1, 0, queueSize)
	for n := range uint64(queueSize) {
		w.transmit(0, n, frame(mac(1), mac(0), "x"))
	}
	assert.True(t, w.Switch.Send(0, 0, 1))
	assert.Len(t, w.received(1, 0), batch)
	assert.False(t, w.Switch.Send(0, 0, 1))
}
