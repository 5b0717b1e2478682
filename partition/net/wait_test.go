//go:build !metal

package net

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSenderWaitsForBuffers(t *testing.T) {
	w := newWorld(t)
	s := &w.Switch
	w.post(1, 0, 1)
	for n := range uint64(3) {
		w.transmit(0, n, frame(mac(1), mac(0), string(rune('a'+n))))
	}
	assert.False(t, s.Send(0, 0, 1))
	assert.Len(t, w.received(1, 0), 1)
	assert.Len(t, w.answers(0, QueueTransmit, 0), 1, "the second frame stays where it is")
	assert.Equal(t, bit(0), s.Patient())
	assert.False(t, s.Send(0, 1, 500))
	w.post(1, 1, 2)
	assert.Equal(t, bit(0), s.Refill(1))
	assert.Zero(t, s.Refill(1))
	assert.False(t, s.Send(0, 1, 900))
	assert.Len(t, w.received(1, 0), 3)
	assert.Len(t, w.answers(0, QueueTransmit, 0), 3)
	assert.Zero(t, s.Patient())
	assert.Equal(t, []uint64{1, 0}, []uint64{s.Port[1].RxFull, s.Port[1].RxDropped})
}

func TestDeafReceiver(t *testing.T) {
	w := newWorld(t)
	s := &w.Switch
	w.post(2, 0, 8)
	w.transmit(0, 0, frame(everyone, mac(0), "first"))
	w.transmit(0, 1, frame(everyone, mac(0), "second"))
	s.Send(0, 0, 1)
	assert.Equal(t, []string{string(frame(everyone, mac(0), "first"))}, w.received(2, 0), "others do not wait")
	s.Send(0, 0, 999)
	assert.Empty(t, w.answers(0, QueueTransmit, 0))
	s.Send(0, 0, 1001)
	assert.Len(t, w.answers(0, QueueTransmit, 0), 2, "the second frame does not wait")
	assert.Len(t, w.received(2, 0), 2)
	assert.EqualValues(t, []uint64{1, 2}, []uint64{s.Port[1].RxFull, s.Port[1].RxDropped})
	w.post(1, 0, 8)
	w.transmit(0, 2, frame(mac(1), mac(0), "third"))
	s.Send(0, 0, 1002)
	assert.Len(t, w.received(1, 0), 1)
	assert.Zero(t, s.Port[1].Deaf)
}

func TestReceiverWithoutRoom(t *testing.T) {
	w := newWorld(t)
	s := &w.Switch
	w.offer(1, QueueReceive, 0, 40, true)
	w.transmit(0, 0, frame(mac(1), mac(0), "more than fits into that"))
	s.Send(0, 0, 1)
	assert.EqualValues(t, 1, s.Port[1].RxDropped)
	w.transmit(0, 1, frame(mac(1), mac(0), "fits"))
	s.Send(0, 0, 1)
	assert.Len(t, w.received(1, 0), 1)
}

func TestDown(t *testing.T) {
	w := newWorld(t)
	s := &w.Switch
	w.transmit(0, 0, frame(everyone, mac(0), "x"))
	s.Send(0, 0, 1)
	assert.Equal(t, bit(1)|bit(2)|bit(3), s.Port[0].Sent.Left)
	assert.Equal(t, bit(0), s.Down(1, 0), "who waited is to try again")
	s.Send(0, 0, 1)
	assert.Equal(t, bit(2)|bit(3), s.Port[0].Sent.Left)
	s.Down(0, 1)
	assert.Zero(t, s.Port[0].Sent.Left)
	assert.Zero(t, s.Patient())
	assert.False(t, s.Send(0, 0, 1))
	w.ready(0)
	w.post(2, 0, 1)
	w.transmit(0, 0, frame(mac(2), mac(0), "y"))
	s.Send(0, 0, 1)
	assert.Equal(t, []string{string(frame(mac(2), mac(0), "y"))}, w.received(2, 0))
}
