package blk

import (
	"perdure/partition/abi"
	"perdure/partition/ram"
	"perdure/partition/virtio"
)

// Kinds of requests, and their answers. "Device Operation".
const (
	opIn    = 0
	opOut   = 1
	opFlush = 4
	opGetID = 8

	statusOK          = 0
	statusError       = 1
	statusUnsupported = 2

	headerBytes = 16
)

// request does the request in c, the next one of q: at once, or by queueing it
// for the server. The result is Answered, Tell, 0 if there is no slot for it now,
// and Broken beside any of them.
//
//go:nosplit
func (d *Disk) request(q *virtio.Queue, m *ram.RAM, c *virtio.Chain) Result {
	if c.Readable < headerBytes || c.Writable == 0 || c.Get(m, host(&d.Header[0]), 0, headerBytes) < headerBytes {
		return Broken // no header, or no place for an answer
	}
	op, at := d.Header[0]&0xffffffff, d.Header[1]
	n, status := d.judge(c, op, at)
	if status == statusOK && d.Kind == uint64(abi.DiskFile) && op != opGetID {
		return d.pass(q, m, c, op, at, n)
	}
	length := uint64(1)
	if status == statusOK {
		length += d.do(m, c, op, at*sector, n)
	}
	d.count(op, n, status)
	if !c.PutByte(m, c.Writable-1, status) || !d.direct(q, m, c.Head, length) {
		return Answered | Broken
	}
	return Answered
}

// judge says whether a request can be done, and how many bytes it moves.
//
//go:nosplit
func (d *Disk) judge(c *virtio.Chain, op, at uint64) (n uint64, status uint8) {
	switch op {
	case opIn:
		n = c.Writable - 1
	case opOut:
		n = c.Readable - headerBytes
	case opFlush:
		return 0, statusOK
	case opGetID:
		return min(c.Writable-1, serialBytes), statusOK
	default:
		return 0, statusUnsupported
	}
	switch {
	case n%sector != 0, at > d.Capacity/sector, n > d.Capacity-at*sector,
		op == opOut && d.ReadOnly != 0,
		d.Kind == uint64(abi.DiskFile) && n > abi.RingSlotMax:
		return 0, statusError
	}
	return n, statusOK
}

// do carries out a request that needs no server, and returns how many bytes it
// wrote to the guest's memory.
//
//go:nosplit
func (d *Disk) do(m *ram.RAM, c *virtio.Chain, op, off, n uint64) uint64 {
	switch op {
	case opIn:
		return c.Put(m, 0, d.data(off), n)
	case opOut:
		c.Get(m, d.data(off), headerBytes, n)
	case opGetID:
		return c.Put(m, 0, host(&d.Serial[0]), n)
	}
	return 0
}

// pass queues a request for the server.
//
//go:nosplit
func (d *Disk) pass(q *virtio.Queue, m *ram.RAM, c *virtio.Chain, op, at, n uint64) Result {
	i, ok := d.room()
	if !ok {
		return 0
	}
	k := &d.Slot[i&(abi.RingSlots-1)]
	k.Seq, k.Head, k.Op, k.Bytes = d.Seq+1, c.Head, op, n
	d.free(i)
	switch op {
	case opIn:
		d.fill(i, abi.RingRead, at)
	case opOut:
		c.Get(m, d.data(abi.RingData+i*abi.RingSlotMax), headerBytes, n)
		d.fill(i, abi.RingWrite, at)
	default:
		d.fill(i, abi.RingFlush, 0)
	}
	d.queue(q, m, i)
	return Tell
}
