package blk

import (
	"math/bits"
	"sync/atomic"

	"perdure/partition/abi"
	"perdure/partition/ram"
	"perdure/partition/virtio"
)

// Step is a change that has been decided on and must be finished: a kept record.
// What is stored last, and that is the commit; finishing may be begun again at
// any time, and What becomes 0 when all is done.
type Step struct {
	What uint64
	Deaf uint64 // 1: nobody wants to hear of it
	Slot uint64 // of the ring
	Next uint64 // index of the next request to be taken then
	Done uint64 // index of the answer
	Head uint64 // that is answered
	Len  uint64 // bytes written for it
}

// Steps.
const (
	stepNone   = iota
	stepQueue  // a request goes from the queue to a slot
	stepDirect // a request is answered at once
	stepAnswer // a slot's request is answered
	stepDrop   // a slot's request goes, unanswered
	numSteps
)

// commit decides on a step. Its other words have been stored.
//
//go:nosplit
func (d *Disk) commit(what uint64) { atomic.StoreUint64(&d.Step.What, what) }

// finish does what d.Step says; q and m are not needed if that is deaf. With
// false, the queue was malformed, and the step is finished all the same.
//
//go:nosplit
func (d *Disk) finish(q *virtio.Queue, m *ram.RAM) (ok bool) {
	s := &d.Step
	ok = true
	if s.Deaf == 0 {
		switch s.What {
		case stepQueue:
			q.Next = s.Next
		case stepDirect:
			q.Next = s.Next
			ok = s.answer(q, m)
		case stepAnswer:
			ok = s.answer(q, m)
		}
	}
	switch bit := uint64(1) << (s.Slot & (abi.RingSlots - 1)); s.What {
	case stepQueue:
		d.Seq = d.Slot[s.Slot&(abi.RingSlots-1)].Seq
		d.Busy |= bit
		d.offer(s.Slot)
		d.Untold |= 1
	case stepAnswer, stepDrop:
		d.free(s.Slot)
		d.Busy &^= bit
		d.Orphans &^= bit
	}
	s.Deaf = 0
	atomic.StoreUint64(&s.What, stepNone)
	return ok
}

// answer shows the guest the answer.
//
//go:nosplit
func (s *Step) answer(q *virtio.Queue, m *ram.RAM) bool {
	q.Done = s.Done
	ok := q.Push(m, s.Head, s.Len)
	q.Done = (s.Done + 1) & 0xffff
	return ok
}

// queue takes the request that is next in q, and which slot i has been filled
// with, from the queue.
//
//go:nosplit
func (d *Disk) queue(q *virtio.Queue, m *ram.RAM, i uint64) {
	d.Step.Slot, d.Step.Next = i, (q.Next+1)&0xffff
	d.commit(stepQueue)
	d.finish(q, m)
}

// direct answers the request that is next in q, with n bytes written for it.
//
//go:nosplit
func (d *Disk) direct(q *virtio.Queue, m *ram.RAM, head, n uint64) bool {
	d.Step.Next, d.Step.Done, d.Step.Head, d.Step.Len = (q.Next+1)&0xffff, q.Done, head, n
	d.commit(stepDirect)
	return d.finish(q, m)
}

// answered answers slot i's request, with n bytes written for it.
//
//go:nosplit
func (d *Disk) answered(q *virtio.Queue, m *ram.RAM, i, n uint64) bool {
	d.Step.Slot, d.Step.Done, d.Step.Head, d.Step.Len = i, q.Done, d.Slot[i&(abi.RingSlots-1)].Head, n
	d.commit(stepAnswer)
	return d.finish(q, m)
}

// drop forgets slot i's request.
//
//go:nosplit
func (d *Disk) drop(i uint64) {
	d.Step.Slot = i
	d.commit(stepDrop)
	d.finish(nil, nil)
}

// room returns a slot that is not taken.
//
//go:nosplit
func (d *Disk) room() (i uint64, ok bool) {
	free := ^d.Busy & (1<<abi.RingSlots - 1)
	return uint64(bits.TrailingZeros64(free)), free != 0
}
