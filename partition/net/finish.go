package net

import "math/bits"

//go:nosplit
func trailing(w uint64) uint64 { return uint64(bits.TrailingZeros64(w)) }

// finish gives the frame that port i has on its way to those who have not got
// it, and then gives the buffer back to the sender; false if it has to wait.
//
//go:nosplit
func (s *Switch) finish(i, cpu, now uint64) bool {
	p := s.port(i)
	f := &p.Sent
	for left := f.Left; left != 0; left &= left - 1 {
		to := trailing(left)
		r := s.port(to)
		take(&r.Lock, cpu)
		farPut(s, i, to, cpu)
		store(&r.Lock, 0)
	}
	if f.Left != 0 && !s.giveUp(i, now) {
		return false
	}
	q := &wire(i).Device.Queue[QueueTransmit]
	store(&q.Done, f.Done)
	if !q.Push(wire(i).Memory, f.Head, 0) {
		s.fail(i, cpu)
		return false
	}
	q.Done, q.Next = (f.Done+1)&0xffff, (f.Next+1)&0xffff
	p.TxFrames, p.TxBytes = f.Count, f.Bytes
	set(&s.Owing, OweTransmit<<(i&(MaxPorts-1)))
	if f.Since != 0 {
		clearBits(&s.Waiting, bit(i))
	}
	store(&f.Busy, 0)
	return true
}

// giveUp reports whether the frame of port i has waited long enough; who did
// not take it is deaf then.
//
//go:nosplit
func (s *Switch) giveUp(i, now uint64) bool {
	p := s.port(i)
	f := &p.Sent
	if f.Since == 0 {
		f.Since = now | 1
		for left := f.Left; left != 0; left &= left - 1 {
			count(&s.port(trailing(left)).RxFull)
		}
	}
	if int64(now-f.Since) < int64(s.Patience) {
		set(&s.Waiting, bit(i))
		return false
	}
	for left := f.Left; left != 0; left &= left - 1 {
		r := s.port(trailing(left))
		store(&r.Deaf, 1)
		count(&r.RxDropped)
	}
	store(&f.Left, 0)
	return true
}
