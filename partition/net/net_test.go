//go:build !metal

package net

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/mm/kept"
	"perdure/mm/phys"
	"perdure/partition/ram"
	"perdure/partition/virtio"
)

// A test's machine: kept state, then some memory for each guest.
const (
	mib    = 1 << 20
	guests = 4

	keptAt   = 0x1000
	keptEnd  = 0x40000
	guestMem = 0x20000

	// In each guest: the parts of its queues, and their buffers.
	queueSize = 16
	descAt    = 0x1000 // of queue q: + q*0x4000
	availAt   = 0x2000
	usedAt    = 0x3000
	queueAt   = 0x4000
	bufferAt  = 0x10000
	bufferLen = 2048
)

// world is the switch with what is kept beside it.
type world struct {
	Switch Switch
	Device [guests]virtio.Device
	RAM    [guests]ram.RAM
}

// newWorld makes a machine with a few guests whose drivers are ready.
func newWorld(t testing.TB) *world {
	t.Helper()
	require.NoError(t, phys.Fake(worldSize))
	return makeWorld(t)
}

// makeWorld is newWorld in the memory behind the window.
func makeWorld(t testing.TB) *world {
	t.Helper()
	require.NoError(t, kept.Start(keptAt, keptEnd-keptAt))
	list, err := kept.Table[world](kept.KindSwitch, 1)
	require.NoError(t, err)
	w := &list[0]
	w.connect()
	w.Switch.Patience, w.Switch.Age = 1000, 1000000
	for i := range uint64(guests) {
		w.RAM[i] = ram.RAM{Size: guestMem, Delta: keptEnd + i*guestMem}
		d := &w.Device[i]
		d.Init(virtio.Net, Features, queueSize, queueSize)
		require.True(t, w.Switch.Plug(i, mac(i), 0, DefaultMTU))
		w.ready(i)
	}
	return w
}

// connect is what the hypervisor does when it finds its kept state.
func (w *world) connect() {
	for i := range uint64(guests) {
		Connect(i, Wire{&w.Device[i], &w.RAM[i]})
	}
}

// ready is what guest i's driver does when it begins.
func (w *world) ready(i uint64) {
	d := &w.Device[i]
	d.Status = virtio.StatusDriverOK | virtio.StatusFeaturesOK
	for q := range uint64(2) {
		at := q * queueAt
		d.Queue[q] = virtio.Queue{Max: queueSize, Size: queueSize, Ready: 1, Desc: descAt + at, Avail: availAt + at, Used: usedAt + at}
		clear(w.bytes(i, availAt+at, 0x1000))
		clear(w.bytes(i, usedAt+at, 0x1000))
	}
	w.Switch.Up(i)
}

// mac is guest i's address.
func mac(i uint64) uint64 { return 0x02 | (i+1)<<40 }

// bytes is memory of guest i's.
func (w *world) bytes(i, gpa, n uint64) []byte {
	b, ok := w.RAM[i].Bytes(gpa, n)
	if !ok {
		panic("no memory")
	}
	return b
}

func (w *world) half(i, gpa uint64) uint64 {
	return uint64(binary.LittleEndian.Uint16(w.bytes(i, gpa, 2)))
}

// offer makes buffer number n of queue q available, with size bytes.
func (w *world) offer(i, q, n, size uint64, write bool) {
	flags := uint64(0)
	if write {
		flags = 2
	}
	desc := w.bytes(i, descAt+q*queueAt+16*n, 16)
	binary.LittleEndian.PutUint64(desc, buffer(q, n))
	binary.LittleEndian.PutUint64(desc[8:], size|flags<<32)
	avail := availAt + q*queueAt
	index := w.half(i, avail+2)
	binary.LittleEndian.PutUint16(w.bytes(i, avail+4+2*(index%queueSize), 2), uint16(n))
	binary.LittleEndian.PutUint16(w.bytes(i, avail+2, 2), uint16(index+1))
}

// buffer is where buffer number n of queue q lies.
func buffer(q, n uint64) uint64 { return bufferAt + (q*queueSize+n)*bufferLen }

// post gives guest i's receive queue buffers from first on, n of them.
func (w *world) post(i, first, n uint64) {
	for k := range n {
		w.offer(i, QueueReceive, (first+k)%queueSize, bufferLen, true)
	}
}

// frame makes a frame.
func frame(dst, src uint64, text string) []byte {
	b := make([]byte, lenEthernet)
	put48 := func(at int, mac uint64) {
		for i := range 6 {
			b[at+i] = byte(mac >> (8 * i))
		}
	}
	put48(0, dst)
	put48(6, src)
	b[12], b[13] = 0x88, 0xb5 // a local experiment. IEEE 802, "Local Experimental EtherTypes"
	return append(b, text...)
}

// transmit has guest i send a frame from its buffer number n.
func (w *world) transmit(i, n uint64, f []byte) {
	b := w.bytes(i, buffer(QueueTransmit, n), bufferLen)
	clear(b[:lenVirtio])
	copy(b[lenVirtio:], f)
	w.offer(i, QueueTransmit, n, uint64(lenVirtio+len(f)), false)
}

// answers returns the answers in queue q of guest i from index on: descriptor
// and length of each.
func (w *world) answers(i, q, from uint64) (list [][2]uint64) {
	used := usedAt + q*queueAt
	for at := from; at != w.half(i, used+2); at = (at + 1) & 0xffff {
		e := w.bytes(i, used+4+8*(at%queueSize), 8)
		list = append(list, [2]uint64{uint64(binary.LittleEndian.Uint32(e)), uint64(binary.LittleEndian.Uint32(e[4:]))})
	}
	return list
}

// received returns the frames that guest i has got from index on.
func (w *world) received(i, from uint64) (list []string) {
	for _, a := range w.answers(i, QueueReceive, from) {
		b := w.bytes(i, buffer(QueueReceive, a[0]), a[1])
		list = append(list, string(b[lenVirtio:]))
	}
	return list
}
