//go:build !direct

package tx

import (
	"sync/atomic"
	"unsafe"
)

// note appends one change. A handler that notes more than MaxEntries is our own
// bug: the index panics, and the dispatcher drops the whole exit.
//
//go:nosplit
func (l *Log) note(p *uint64, op, v uint64) {
	// SAFETY: only the address is taken; p is a word of kept state, which does not move.
	l.E[l.N] = Entry{uint64(uintptr(unsafe.Pointer(p))) | op, v}
	l.N++
}

// Sift takes out of the log what is about no word between from and end: wrong code has
// noted it. It may be cut short at any instruction and begun again.
//
//go:nosplit
func (l *Log) Sift(from, end uint64) {
	n := uint64(0)
	for i := uint64(0); i < l.N && i < MaxEntries; i++ {
		if e := l.E[i]; e.Addr&^opMask-from < end-from && e.Addr&opMask <= opAnd {
			l.E[n] = e
			n++
		}
	}
	l.N = n
}

// Apply makes the noted changes, in order, and empties the log. It may be cut
// short at any instruction and begun again.
//
//go:nosplit
func (l *Log) Apply() {
	for i := uint64(0); i < l.N && i < MaxEntries; i++ {
		e := &l.E[i]
		// SAFETY: note stored the address of a word of kept state.
		p := (*uint64)(unsafe.Add(nil, uintptr(e.Addr&^opMask)))
		switch e.Addr & opMask {
		case opSet:
			atomic.StoreUint64(p, e.Val)
		case opOr:
			atomic.OrUint64(p, e.Val)
		case opAnd:
			atomic.AndUint64(p, ^e.Val)
		}
	}
	l.N = 0
}
