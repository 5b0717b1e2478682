package net

import "sync/atomic"

//go:nosplit
func cas(p *uint64, old, val uint64) bool { return atomic.CompareAndSwapUint64(p, old, val) }

// store is a store that the compiler leaves where it is.
//
//go:nosplit
func store(p *uint64, val uint64) { atomic.StoreUint64(p, val) }

//go:nosplit
func load(p *uint64) uint64 { return atomic.LoadUint64(p) }

//go:nosplit
func set(p *uint64, bits uint64) { atomic.OrUint64(p, bits) }

//go:nosplit
func clearBits(p *uint64, bits uint64) { atomic.AndUint64(p, ^bits) }

//go:nosplit
func count(p *uint64) { atomic.AddUint64(p, 1) }

//go:nosplit
func swap(p *uint64, val uint64) uint64 { return atomic.SwapUint64(p, val) }
