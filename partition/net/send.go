package net

import "perdure/partition/virtio"

// Sent is how far the first frame of a transmit queue has come: a kept record.
type Sent struct {
	Busy  uint64    // 1: the rest is valid, and the frame is on its way
	Head  uint64    // its descriptor
	Next  uint64    // indices of the queue when it was begun
	Done  uint64    //
	Size  uint64    // bytes of the frame
	Left  uint64    // ports that have not got it
	Since uint64    // TSC value since when it waits, 0: it does not
	First [4]uint64 // what receivers get first: the virtio header and the Ethernet header
	Count uint64    // TxFrames when it has gone
	Bytes uint64    // TxBytes then
}

// Lengths of what comes before a frame's contents.
const (
	lenVirtio   = 12
	lenEthernet = 14
	lenFirst    = lenVirtio + lenEthernet
	lenVLAN     = 4
	typeVLAN    = 0x0081 // as it lies in memory
)

// batch is how many frames one call of Send moves at most.
const batch = 16

// Send moves what port i's driver wants to send, as processor cpu, which owns its
// device. It reports whether there may be more that can go now.
//
//go:nosplit
func (s *Switch) Send(i, cpu, now uint64) (more bool) {
	p := s.port(i)
	if !s.up(i) {
		return false
	}
	if p.Sent.Busy != 0 && p.Sent.Left != 0 && !p.again(i, &s.room(cpu).From) {
		count(&p.TxBad)
		store(&p.Sent.Left, 0) // the guest took it back
	}
	for range batch {
		if p.Sent.Busy == 0 && !farBegin(s, i, cpu, now) || !farFinish(s, i, cpu, now) {
			return false
		}
	}
	return true
}

// What is called from deep in a handler: the linker bounds the stack of direct
// calls only.
var (
	farBegin  = (*Switch).begin
	farFinish = (*Switch).finish
	farPut    = (*Switch).put
)

// again reads the descriptors of the frame that is on its way.
//
//go:nosplit
func (p *Port) again(i uint64, c *virtio.Chain) bool {
	w := wire(i)
	q := &w.Device.Queue[QueueTransmit]
	return q.Peek(w.Memory, c) == virtio.Request && c.Head == p.Sent.Head && c.Readable == lenVirtio+p.Sent.Size && c.Writable == 0
}

// begin takes up the next frame of port i's transmit queue; false if there is none.
//
//go:nosplit
func (s *Switch) begin(i, cpu, now uint64) bool {
	p, w := s.port(i), wire(i)
	c := &s.room(cpu).From
	q := &w.Device.Queue[QueueTransmit]
	switch q.Peek(w.Memory, c) {
	case virtio.Empty:
		return false
	case virtio.Bad:
		s.fail(i, cpu)
		return false
	}
	f := &p.Sent
	f.Head, f.Next, f.Done, f.Since = c.Head, q.Next, q.Done, 0
	f.Size, f.Left, f.Count, f.Bytes = 0, 0, p.TxFrames, p.TxBytes
	switch to, verdict := s.frame(p, i, c, w, now); verdict {
	case bad:
		count(&p.TxBad)
	case unknown:
		count(&p.TxUnknown)
		f.Count, f.Bytes = f.Count+1, f.Bytes+f.Size
	default:
		f.Left = to
		f.Count, f.Bytes = f.Count+1, f.Bytes+f.Size
	}
	store(&f.Busy, 1)
	return true
}

// Verdicts on a frame.
const (
	good = iota
	bad
	unknown
)

// frame reads the headers of the frame in c and decides who gets it.
//
//go:nosplit
func (s *Switch) frame(p *Port, i uint64, c *virtio.Chain, w *Wire, now uint64) (to uint64, verdict int) {
	f := &p.Sent
	if c.Writable != 0 || c.Readable < lenFirst || c.Get(w.Memory, where(&f.First), 0, lenFirst) != lenFirst {
		return 0, bad
	}
	f.Size = c.Readable - lenVirtio
	longest := p.MTU + lenEthernet
	if f.First[3]&0xffff == typeVLAN {
		longest += lenVLAN
	}
	if f.First[0]&0xffff != 0 || f.Size > longest { // no checksum and no segmentation was offered
		return 0, bad
	}
	dst, src := f.First[1]>>32|f.First[2]&0xffff<<32, f.First[2]>>16
	f.First[0], f.First[1] = 0, f.First[1]&^0xffffffff|1<<16 // in one buffer
	if !s.learn(src, i, now) {
		return 0, bad
	}
	if to = s.route(dst, i, p.Group, now); to == 0 {
		return 0, unknown
	}
	return to, good
}

// route returns the ports that a frame of port i's to dst goes to.
//
//go:nosplit
func (s *Switch) route(dst, i, group, now uint64) (to uint64) {
	live := load(&s.Live) &^ bit(i)
	if dst&multi == 0 {
		if p, ok := s.find(dst, group, now); ok {
			return live & bit(p)
		}
	} else if isLinkLocal(dst) {
		return 0
	}
	for k := live; k != 0; k &= k - 1 {
		if p := trailing(k); s.port(p).Group == group {
			to |= bit(p)
		}
	}
	return to
}
