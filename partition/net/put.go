package net

import "perdure/partition/virtio"

// Put is a frame that is about to be in a receive queue: a kept record. While
// Busy is 1 the frame counts as received: its buffer is full and is not written
// again, and all that is left to be done is stores of what the record says.
type Put struct {
	Busy  uint64
	From  uint64 // port that sent it
	Head  uint64 // descriptor of the buffer
	Size  uint64 // bytes in it
	Next  uint64 // indices of the queue before
	Done  uint64 //
	Count uint64 // RxFrames after
	Bytes uint64 // RxBytes after
}

// put gives the frame that port i has on its way to port to, whose lock the
// caller holds. What port to cannot have is dropped; if it only lacks a buffer,
// port i is among its waiters and the frame stays.
//
//go:nosplit
func (s *Switch) put(i, to, cpu uint64) {
	p, r, w := s.port(i), s.port(to), wire(to)
	s.settle(to, cpu)
	if load(&p.Sent.Left)&bit(to) == 0 {
		return // it had got it
	}
	if !s.up(to) || p.Sent.Size > r.MTU+lenEthernet+lenVLAN {
		s.drop(p, r, to)
		return
	}
	c := &s.room(cpu).To
	q := &w.Device.Queue[QueueReceive]
	state := q.Peek(w.Memory, c)
	if state == virtio.Empty && r.Deaf == 0 {
		set(&r.Waiters, bit(i))
		if state = q.Peek(w.Memory, c); state == virtio.Empty { // none came in between
			return
		}
	}
	if state == virtio.Request {
		r.Deaf = 0
	}
	size := lenVirtio + p.Sent.Size
	switch {
	case state == virtio.Empty, state == virtio.Request && c.Writable < size && c.Readable == 0:
		s.drop(p, r, to)
		return
	case state == virtio.Bad, c.Readable != 0, !s.copy(i, to, cpu):
		s.fail(to, cpu)
		s.drop(p, r, to)
		return
	}
	d := &r.Put
	d.From, d.Head, d.Size, d.Next, d.Done = i, c.Head, size, q.Next, q.Done
	d.Count, d.Bytes = r.RxFrames+1, r.RxBytes+p.Sent.Size
	store(&d.Busy, 1)
	s.settle(to, cpu)
}

// settle finishes what put has begun at port to. It may be done again at any time.
//
//go:nosplit
func (s *Switch) settle(to, cpu uint64) {
	r := s.port(to)
	d := &r.Put
	if d.Busy == 0 {
		return
	}
	w := wire(to)
	q := &w.Device.Queue[QueueReceive]
	store(&q.Done, d.Done)
	if !q.Push(w.Memory, d.Head, d.Size) {
		s.fail(to, cpu)
	} else {
		q.Done, q.Next = (d.Done+1)&0xffff, (d.Next+1)&0xffff
		r.RxFrames, r.RxBytes = d.Count, d.Bytes
		set(&s.Owing, OweReceive<<(to&(MaxPorts-1)))
	}
	clearBits(&s.port(d.From).Sent.Left, bit(to))
	store(&d.Busy, 0)
}

// copy copies the frame that port i has on its way into the buffer at port to.
//
//go:nosplit
func (s *Switch) copy(i, to, cpu uint64) bool {
	f, c := &s.port(i).Sent, s.room(cpu)
	from, into := wire(i).Memory, wire(to).Memory
	rest := f.Size - lenEthernet
	return c.To.Put(into, 0, where(&f.First), lenFirst) == lenFirst &&
		virtio.Move(into, &c.To, lenFirst, from, &c.From, lenFirst, rest) == rest
}

// drop is a frame that port to cannot have.
//
//go:nosplit
func (s *Switch) drop(p, r *Port, to uint64) {
	count(&r.RxDropped)
	clearBits(&p.Sent.Left, bit(to))
}
