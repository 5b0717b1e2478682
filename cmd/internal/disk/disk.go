// Package disk serves the disks of guests from files.
//
// The one idea: what is asked and not answered is in the ring and nowhere else,
// so a server may end at any instruction and another one goes on.
package disk

import (
	"errors"
	"io"
	"os"
	"sync/atomic"

	"perdure/partition/abi"
)

// File is where a disk's bytes are.
type File interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
}

// Ring is a ring that is being served.
type Ring struct {
	Head   *abi.RingHead
	memory []byte // of the whole ring
	file   File
	now    File   // the same, for what need not be waited for; nil: all of it may have to be
	size   uint64 // of the file that the guest may reach
	fixed  bool   // nothing is written
	Errors uint64 // requests answered with an error
	Last   error  // of the last of them
}

// Why memory is not a ring that can be served.
var (
	ErrNoRing  = errors.New("there is no ring at that address")
	ErrVersion = errors.New("the ring is of a version that this tool does not know")
)

// New returns the ring in memory, which file is to serve.
func New(memory []byte, file File) (*Ring, error) {
	if len(memory) < abi.RingBytes {
		return nil, ErrNoRing
	}
	h := Head(memory)
	switch {
	case h.Magic != abi.RingMagic || h.Slots != abi.RingSlots || h.SlotSize != abi.RingSlotMax:
		return nil, ErrNoRing
	case h.Version != abi.RingVersion:
		return nil, ErrVersion
	}
	r := &Ring{Head: h, memory: memory, file: file, now: now(file), size: h.Capacity, fixed: h.Flags&abi.DiskReadOnly != 0}
	atomic.StoreUint64(&h.Server, 1)
	return r, nil
}

// Serve does what is asked, in order, and calls answered whenever somebody
// should look at the answers. It returns how many requests it answered.
func (r *Ring) Serve(answered func()) (n int) {
	n, _ = r.serve(r.file, answered)
	return n
}

// ServeNow is Serve until something has to be waited for, which it leaves: waits
// says that there is such a thing.
func (r *Ring) ServeNow(answered func()) (n int, waits bool) {
	if r.now == nil {
		return 0, r.next() >= 0
	}
	return r.serve(r.now, answered)
}

func (r *Ring) serve(file File, answered func()) (n int, waits bool) {
	told := true
	for {
		i := r.next()
		if i < 0 {
			break
		}
		s := &r.Head.Slot[i]
		if s.Op == abi.RingFlush && !told { // that may take its time
			answered()
			told = true
		}
		err := r.attempt(file, s, r.data(i))
		if errors.Is(err, errWaits) {
			waits = true
			break
		}
		s.Status = r.outcome(err)
		atomic.StoreUint64(&s.State, abi.SlotDone) // the answer
		n, told = n+1, false
	}
	if !told {
		answered()
	}
	return n, waits
}

// next returns the slot of the oldest request, -1 if there is none.
func (r *Ring) next() int {
	oldest := -1
	for i := range r.Head.Slot {
		s := &r.Head.Slot[i]
		if atomic.LoadUint64(&s.State) != abi.SlotQueued {
			continue
		}
		if oldest < 0 || int64(s.Seq-r.Head.Slot[oldest].Seq) < 0 {
			oldest = i
		}
	}
	return oldest
}

// Want asks for an event when something is queued. It reports whether something
// is already: then no event need come.
func (r *Ring) Want() (queued bool) {
	atomic.SwapUint64(&r.Head.Wants, 1) // before the look that follows
	return r.next() >= 0
}

// Wanted reports whether an event is still to come.
func (r *Ring) Wanted() bool { return atomic.LoadUint64(&r.Head.Wants) != 0 }

// Closing reports whether the hypervisor wants the ring's memory back.
func (r *Ring) Closing() bool {
	return atomic.LoadUint64(&r.Head.Magic) != abi.RingMagic || atomic.LoadUint64(&r.Head.Closing) != 0
}

// Leave tells the hypervisor that nobody serves the ring any more.
func (r *Ring) Leave() { atomic.StoreUint64(&r.Head.Server, 0) }

// data returns the bytes of slot i.
func (r *Ring) data(i int) []byte {
	at := abi.RingData + i*abi.RingSlotMax
	return r.memory[at : at+abi.RingSlotMax]
}

// errOutside is a request that the hypervisor should have refused.
var errOutside = errors.New("a request beyond the end of the disk")

// outcome returns the answer to a request.
func (r *Ring) outcome(err error) uint32 {
	if err == nil {
		return abi.RingOK
	}
	r.Errors++
	r.Last = err
	return abi.RingError
}

// attempt carries out one request.
func (r *Ring) attempt(file File, s *abi.RingSlot, data []byte) error {
	op, sector, n := s.Op, s.Sector, s.Bytes
	if op == abi.RingFlush {
		return file.Sync()
	}
	if n > uint64(len(data)) || sector > r.size/512 || sector*512+n > r.size {
		return errOutside
	}
	switch data = data[:n]; {
	case op == abi.RingRead:
		_, err := file.ReadAt(data, int64(sector*512))
		return err
	case op == abi.RingWrite && !r.fixed:
		_, err := file.WriteAt(data, int64(sector*512))
		return err
	}
	return os.ErrInvalid
}
