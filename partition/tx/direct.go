//go:build direct

package tx

import (
	"sync/atomic"
)

// An image with the build tag direct changes words where others note that they are
// to be changed. It cannot recover from anything: it is there to measure what the
// log costs.

// Direct says that there is no log.
const Direct = true

// note makes one change.
//
//go:nosplit
func (l *Log) note(p *uint64, op, v uint64) {
	switch op {
	case opSet:
		atomic.StoreUint64(p, v)
	case opOr:
		atomic.OrUint64(p, v)
	case opAnd:
		atomic.AndUint64(p, v)
	}
}

// Sift has nothing to do.
//
//go:nosplit
func (l *Log) Sift(from, end uint64) {}

// Apply has nothing to do.
//
//go:nosplit
func (l *Log) Apply() {}
