package phys

import (
	"unsafe"

	"perdure/mm/addr"
)

// SAFETY, for all of this file: base plus a physical address lies in the window,
// and the callers own what they name.

// At returns where the hypervisor sees a.
//
//go:nosplit
func At(a addr.HPA) unsafe.Pointer { return unsafe.Add(nil, uintptr(base+addr.HVA(a))) } // SAFETY: see above.

// Load reads the aligned word at a.
//
//go:nosplit
func Load(a addr.HPA) uint64 { return *(*uint64)(At(a)) }

// Store writes the aligned word at a, in one store.
//
//go:nosplit
func Store(a addr.HPA, v uint64) { *(*uint64)(At(a)) = v }
