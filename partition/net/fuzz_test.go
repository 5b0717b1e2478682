//go:build !metal

package net

import (
	"testing"

	"perdure/partition/virtio"
)

// FuzzGuests lets guests do anything with their memory and their cards: each of
// in's operations writes some bytes of a guest's memory, or has a queue served,
// or resets the device. Guest 3 behaves, and must find its memory as it left it
// but for the buffers that it gave.
func FuzzGuests(f *testing.F) {
	f.Add([]byte{0, 0x10, 0x00, 1, 2, 3, 4, 1, 0, 0, 2, 1, 0, 3, 0, 0})
	f.Add([]byte{4, 0, 0, 4, 1, 1, 4, 2, 2, 5, 0, 1, 5, 1, 2, 1, 0, 0, 1, 1, 0, 1, 2, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		w := newWorld(t)
		s := &w.Switch
		w.post(3, 0, 8)
		now := uint64(1)
		for ; len(in) >= 3; in = in[3:] {
			i, n := uint64(in[1])%3, uint64(in[2])
			now += 100
			switch in[0] % 6 {
			case 0: // a byte of a queue
				at := uint64(in[1])<<7&0x7f80 | n&0x7f
				w.bytes(i, descAt+at&0x7fff, 1)[0] ^= byte(n)
			case 1:
				s.Send(i, n&1, now)
			case 2:
				s.Refill(i)
			case 3:
				s.Down(i, 0)
				w.Device[i].Reset()
				w.ready(i)
			case 4:
				w.offer(i, QueueReceive, n%queueSize, n<<4, true)
			case 5:
				dst := mac(n >> 6)
				if n&1 != 0 {
					dst = everyone
				}
				w.transmit(i, n%queueSize, frame(dst, mac(i), string(in)))
			}
			s.Owed()
		}
		free := uint64(8)
		for _, a := range w.answers(3, QueueReceive, 0) {
			if a[0] >= free || a[1] < lenFirst || a[1] > lenFirst+DefaultMTU+lenVLAN {
				t.Fatalf("an answer %v", a)
			}
		}
		for k := free; k < queueSize; k++ {
			for _, b := range w.bytes(3, buffer(QueueReceive, k), bufferLen) {
				if b != 0 {
					t.Fatal("memory that was not given")
				}
			}
		}
		if w.Device[3].Status&virtio.StatusNeedsReset != 0 {
			t.Fatal("a guest that behaves was taken out of service")
		}
		for i := range uint64(guests) {
			if s.Port[i].Lock != 0 || s.Port[i].Put.Busy != 0 {
				t.Fatal("not at rest")
			}
		}
	})
}
