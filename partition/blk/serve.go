package blk

import (
	"math/bits"

	"perdure/partition/abi"
	"perdure/partition/ram"
	"perdure/partition/virtio"
)

// Result is what Serve has to say.
type Result uint64

// Bits of a Result.
const (
	Answered Result = 1 << iota // there are answers: the guest is to be interrupted
	More                        // there may be more to do now
	Tell                        // the server is to be told of requests; then Told
	Broken                      // the queue is malformed
)

// far holds what is called deep: the linker bounds the stack of direct calls only,
// and a build for fuzzing needs more of it.
var far = struct {
	request   func(d *Disk, q *virtio.Queue, m *ram.RAM, c *virtio.Chain) Result
	collected func(d *Disk, q *virtio.Queue, m *ram.RAM, c *virtio.Chain, i uint64, good bool) bool
}{(*Disk).request, (*Disk).collected}

// Batch is how many requests, and how many answers, one call of Serve looks after.
const Batch = 4

// Serve looks after d, whose device is v: what was begun, answers of the server,
// requests. c is room for a request. The caller owns v, and v is live.
//
//go:nosplit
func (d *Disk) Serve(v *virtio.Device, m *ram.RAM, c *virtio.Chain) (r Result) {
	q := &v.Queue[0]
	if d.Step.What != stepNone {
		r |= Answered
		if !d.finish(q, m) {
			return r | Broken
		}
	}
	if d.Kind == uint64(abi.DiskFile) {
		r |= d.collect(q, m, c)
		if r&Broken != 0 {
			return r
		}
	}
	for n := 0; ; n++ {
		if n == Batch {
			r |= More
			break
		}
		s := q.Peek(m, c)
		if s == virtio.Empty {
			break
		}
		if s == virtio.Bad {
			r |= Broken
			break
		}
		k := far.request(d, q, m, c)
		r |= k & (Answered | Broken)
		if k == 0 || k&Broken != 0 {
			break
		}
	}
	if d.Untold != 0 && d.tell() {
		r |= Tell
	}
	return r
}

// collect passes answers of the server on to the guest.
//
//go:nosplit
func (d *Disk) collect(q *virtio.Queue, m *ram.RAM, c *virtio.Chain) (r Result) {
	n := 0
	for busy := d.Busy; busy != 0; busy &= busy - 1 {
		i := uint64(bits.TrailingZeros64(busy))
		done, good := d.done(i)
		if !done {
			continue
		}
		if n++; n > Batch {
			return r | More
		}
		if d.Orphans>>i&1 != 0 {
			d.drop(i)
			r |= More // there is room now
			continue
		}
		r |= Answered
		if !far.collected(d, q, m, c, i, good) {
			return r | Broken
		}
	}
	return r
}

// collected passes the answer of slot i on.
//
//go:nosplit
func (d *Disk) collected(q *virtio.Queue, m *ram.RAM, c *virtio.Chain, i uint64, good bool) bool {
	k := &d.Slot[i]
	if !q.Again(m, c, k.Head) || c.Writable == 0 {
		d.drop(i) // its descriptors are no longer what they were
		return false
	}
	n, status := uint64(1), uint8(statusOK)
	if !good {
		status = statusError
	} else if k.Op == opIn {
		bytes := min(k.Bytes, c.Writable-1)
		c.Put(m, 0, d.data(abi.RingData+i*abi.RingSlotMax), bytes)
		n += bytes
	}
	d.count(k.Op, k.Bytes, status)
	c.PutByte(m, c.Writable-1, status)
	return d.answered(q, m, i, n)
}

// count notes what has been done.
//
//go:nosplit
func (d *Disk) count(op, n uint64, status uint8) {
	switch {
	case status != statusOK:
		d.Errors++
	case op == opIn:
		d.Reads++
		d.Moved += n
	case op == opOut:
		d.Writes++
		d.Moved += n
	case op == opFlush:
		d.Flushes++
	}
}

// InFlight returns how many requests wait for the server.
func (d *Disk) InFlight() uint64 { return uint64(bits.OnesCount64(d.Busy)) }
