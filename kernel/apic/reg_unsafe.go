//go:build metal

package apic

import (
	"unsafe"

	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// Registers are not memory: two stores to one are two stores. So neither
// function is inlined, where the compiler might find one of them superfluous.

//go:nosplit
//go:noinline
func load32(a addr.HVA) uint32 {
	// SAFETY: a is a device register in the direct map, which covers the devices' addresses.
	return *(*uint32)(unsafe.Add(nil, uintptr(a)))
}

//go:nosplit
//go:noinline
func store32(a addr.HVA, v uint32) {
	// SAFETY: as for load32.
	*(*uint32)(unsafe.Add(nil, uintptr(a))) = v
}

//go:nosplit
func rdmsr(m x86.MSR) uint64 { return x86.RDMSR(m) }

//go:nosplit
func wrmsr(m x86.MSR, v uint64) { x86.WRMSR(m, v) }

//go:nosplit
func has(f x86.Feature) bool { return x86.Has(f) }

//go:nosplit
func outb(port uint16, v uint8) { x86.OUT8(port, v) }

//go:nosplit
func rdtsc() uint64 { return x86.RDTSC() }

// fence makes all stores before it visible.
//
//go:nosplit
func fence() {
	x86.MFENCE()
	x86.LFENCE()
}
