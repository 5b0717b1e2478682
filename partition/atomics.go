package partition

import "sync/atomic"

// cas and release are the two halves of a lock word.
//
//go:nosplit
func cas(p *uint64, old, val uint64) bool { return atomic.CompareAndSwapUint64(p, old, val) }

//go:nosplit
func release(p *uint64) { atomic.StoreUint64(p, 0) }
