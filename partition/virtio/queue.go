package virtio

import (
	"perdure/kernel/x86"
	"perdure/partition/ram"
	"perdure/partition/tx"
)

// Limits of a request. One that has more parts or bytes is refused as malformed.
const (
	MaxSegs  = 34 // 32 of data, a header and a status
	MaxBytes = 1 << 20
)

// Segment is one part of a request: memory of the guest's, which was there when
// the request was looked at.
type Segment struct {
	Addr uint64 // guest-physical
	Len  uint64 // bytes
}

// Chain is one request, copied from the guest: a kept record, so that there is
// room for it, which means nothing at rest. The first Out segments are to be
// read, the other ones of N to be written.
type Chain struct {
	Head     uint64 // what answers it
	N, Out   uint64
	Readable uint64 // bytes
	Writable uint64
	Seg      [MaxSegs]Segment
}

// State is what Peek has found.
type State uint8

// States of a queue.
const (
	Empty   State = iota // no request waits
	Request              // the chain is the next one
	Bad                  // the queue is malformed
)

// Descriptors. "The Virtqueue Descriptor Table".
const (
	descSize     = 16
	descNext     = 1
	descWrite    = 2
	descIndirect = 4
)

// Offsets within the other parts of a queue, and the sizes of their entries.
const (
	ringIndex = 2
	ringFirst = 4
	availSize = 2
	usedSize  = 8

	availNoInterrupt = 1
)

// wellFormed reports whether a queue can be taken into service: its parts are
// aligned, so that no word of them lies in two pages.
//
//go:nosplit
func (q *Queue) wellFormed() bool {
	return q.Size != 0 && q.Size <= q.Max && q.Size&(q.Size-1) == 0 &&
		q.Desc&15 == 0 && q.Avail&1 == 0 && q.Used&3 == 0
}

// Peek copies the next request that waits in q to c, and leaves it there.
//
//go:nosplit
func (q *Queue) Peek(m *ram.RAM, c *Chain) State {
	if q.Ready == 0 {
		return Empty
	}
	index, ok := m.Read(q.Avail+ringIndex, 2)
	waits := (index - q.Next) & 0xffff
	switch {
	case !ok || waits > q.Size:
		return Bad
	case waits == 0:
		return Empty
	}
	head, ok := m.Read(q.Avail+ringFirst+availSize*(q.Next&(q.Size-1)), 2)
	if !ok || !q.copy(m, c, head) {
		return Bad
	}
	return Request
}

// Again copies to c a request that was taken and not answered: it begins with
// descriptor head. What the guest has made of it meanwhile is checked anew.
//
//go:nosplit
func (q *Queue) Again(m *ram.RAM, c *Chain, head uint64) bool {
	return q.Ready != 0 && q.copy(m, c, head)
}

// Waits reports how many requests q holds; no request is looked at.
//
//go:nosplit
func (q *Queue) Waits(m *ram.RAM) uint64 {
	if q.Ready == 0 {
		return 0
	}
	index, _ := m.Read(q.Avail+ringIndex, 2)
	return min((index-q.Next)&0xffff, q.Size)
}

// copy copies the request that begins with descriptor head. Each descriptor is
// read once, and none that is not in the table; there are at most MaxSegs, so a
// loop ends.
//
//go:nosplit
func (q *Queue) copy(m *ram.RAM, c *Chain, head uint64) bool {
	c.Head, c.N, c.Out, c.Readable, c.Writable = head, 0, 0, 0, 0
	for i := head; ; {
		if i >= q.Size || c.N == MaxSegs {
			return false
		}
		at, ok := m.Read(q.Desc+descSize*i, 8)
		rest, there := m.Read(q.Desc+descSize*i+8, 8)
		if !ok || !there {
			return false
		}
		n, flags := rest&0xffffffff, rest>>32&0xffff
		if flags&descIndirect != 0 || c.Readable+c.Writable+n > MaxBytes || !m.Has(at, n) {
			return false
		}
		c.Seg[c.N] = Segment{Addr: at, Len: n}
		c.N++
		switch {
		case flags&descWrite != 0:
			c.Writable += n
		case c.Out != c.N-1:
			return false // to be read, after one to be written
		default:
			c.Readable += n
			c.Out = c.N
		}
		if flags&descNext == 0 {
			return true
		}
		i = rest >> 48
	}
}

// Take notes that the request that Peek found has been begun.
//
//go:nosplit
func (q *Queue) Take(t *tx.Log) { t.Set(&q.Next, (q.Next+1)&0xffff) }

// Push shows the guest an answer, with n bytes written to the request's memory,
// and leaves Done as it is: until the caller raises that, the same call does the
// same again. With false, the queue is malformed.
//
//go:nosplit
func (q *Queue) Push(m *ram.RAM, head, n uint64) bool {
	if q.Ready == 0 {
		return false
	}
	return q.show(m, q.Done, head, n)
}

//go:nosplit
func (q *Queue) show(m *ram.RAM, done, head, n uint64) bool {
	at := q.Used + ringFirst + usedSize*(done&(q.Size-1))
	return m.Write(at, head&0xffff, 4) && m.Write(at+4, n, 4) && m.Write(q.Used+ringIndex, done+1, 2)
}

// Answer notes that a request is answered, with n bytes written to its memory.
// Once t is applied, Publish shows it to the guest; there is one answer between
// two of those.
//
//go:nosplit
func (q *Queue) Answer(t *tx.Log, head, n uint64) {
	t.Set(&q.Last, head&0xffff|q.Done<<lastIndex|n<<lastBytes|lastValid)
	t.Set(&q.Done, (q.Done+1)&0xffff)
}

// What Queue.Last holds: the answer's head, its index, bytes written.
const (
	lastIndex = 16
	lastBytes = 32
	lastValid = 1 << 63
)

// Publish shows the guest what Answer noted last. It may be done again at any
// time: what is written depends on q alone. With false, the queue is malformed.
//
//go:nosplit
func (q *Queue) Publish(m *ram.RAM) bool {
	index := q.Last >> lastIndex & 0xffff
	if q.Ready == 0 || q.Last&lastValid == 0 || (index+1)&0xffff != q.Done {
		return true
	}
	return q.show(m, index, q.Last, q.Last&^lastValid>>lastBytes)
}

// Interrupts reports whether the driver wants to be told of what was pushed. The
// driver writes that and then looks at the index of answers; here it is the
// other way round, and a fence between, so that one sees the other's.
//
//go:nosplit
func (q *Queue) Interrupts(m *ram.RAM) bool {
	x86.MFENCE()
	flags, _ := m.Read(q.Avail, 2)
	return flags&availNoInterrupt == 0
}
