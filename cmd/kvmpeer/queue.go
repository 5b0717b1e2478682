package main

import "encoding/binary"

// queue is one split virtqueue. VIRTIO 1.2, "Split Virtqueues". The guest is
// trusted: what it gets wrong ends this program.
type queue struct {
	size              uint16
	ready             uint32
	desc, avail, used uint64
	next, given       uint16 // of the available ring; into the used ring
}

const (
	descNext  = 1
	descWrite = 2
	noIRQ     = 1 // VIRTQ_AVAIL_F_NO_INTERRUPT
)

// segment is one descriptor's memory.
type segment struct {
	bytes []byte
	write bool
}

// peek appends the segments of the next chain to segs, without taking it.
func (q *queue) peek(mem []byte, segs []segment) (head uint16, chain []segment, ok bool) {
	le := binary.LittleEndian
	if q.ready == 0 || le.Uint16(mem[q.avail+2:]) == q.next {
		return 0, segs, false
	}
	head = le.Uint16(mem[q.avail+4+uint64(q.next%q.size)*2:])
	for i := head; ; {
		d := mem[q.desc+uint64(i)*16:][:16]
		at, n, flags := le.Uint64(d), le.Uint32(d[8:]), le.Uint16(d[12:])
		segs = append(segs, segment{mem[at : at+uint64(n)], flags&descWrite != 0})
		if flags&descNext == 0 {
			return head, segs, true
		}
		i = le.Uint16(d[14:])
	}
}

// use gives the chain that was peeked at back, with n bytes written into it.
func (q *queue) use(mem []byte, head uint16, n int) {
	le := binary.LittleEndian
	slot := mem[q.used+4+uint64(q.given%q.size)*8:]
	le.PutUint32(slot, uint32(head))
	le.PutUint32(slot[4:], uint32(n))
	q.next++
	q.given++
	le.PutUint16(mem[q.used+2:], q.given)
}

// quiet says whether the guest wants no interrupt.
func (q *queue) quiet(mem []byte) bool {
	return binary.LittleEndian.Uint16(mem[q.avail:])&noIRQ != 0
}
