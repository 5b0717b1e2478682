//go:build !direct

package tx

import (
	"sync/atomic"
	"unsafe"
)

// Direct says that there is no log.
const Direct = false

// note appends one change. A handler that notes more than MaxEntries is our own
// bug: the index panics, and the dispatcher drops the whole exit.
//
//go:nosplit
func (l *Log) note(p *uint64, op, v uint64) {
	// SAFETY: only the address is taken; p is a word of kept state, which does not move.
	l.E[l.N] = Entry{uint64(uintptr(unsafe.Pointer(p))) + op, v}
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
	if l.N != 0 {
		l.apply()
	}
}

// apply is Apply with something to do; inlined, it would cost those who have nothing.
//
//go:noinline
//go:nosplit
func (l *Log) apply() {
	n, e := min(l.N, MaxEntries), &l.E[0]
	for {
		// SAFETY: note stored the address of a word of kept state, and the op.
		if p := unsafe.Add(nil, e.Addr); e.Addr&opMask == opSet {
			atomic.StoreUint64((*uint64)(p), e.Val)
		} else if e.Addr&opOr != 0 {
			atomic.OrUint64((*uint64)(unsafe.Add(p, -opOr)), e.Val)
		} else {
			atomic.AndUint64((*uint64)(unsafe.Add(p, -opAnd)), e.Val)
		}
		if n--; n == 0 {
			break
		}
		// SAFETY: e was not the last one.
		e = (*Entry)(unsafe.Add(unsafe.Pointer(e), unsafe.Sizeof(*e)))
	}
	l.N = 0
}
