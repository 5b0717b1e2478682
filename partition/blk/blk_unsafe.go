package blk

import (
	"unsafe"

	"perdure/mm/addr"
	"perdure/mm/phys"
	"perdure/partition/abi"
)

// ring returns the head of d's ring.
//
//go:nosplit
func (d *Disk) ring() *abi.RingHead {
	// SAFETY: a disk of kind DiskFile has RingBytes of memory at Base, in pages of
	// its own, for as long as it exists. Root writes there too: nothing that is
	// read decides on an address.
	return (*abi.RingHead)(phys.At(addr.HPA(d.Base)))
}

// data returns where the hypervisor sees the bytes of d's memory from off on.
//
//go:nosplit
func (d *Disk) data(off uint64) addr.HVA { return addr.HVA(uintptr(phys.At(addr.HPA(d.Base + off)))) } // SAFETY: a number only.

// host returns where the hypervisor sees some words of a kept record.
//
//go:nosplit
func host(w *uint64) addr.HVA { return addr.HVA(uintptr(unsafe.Pointer(w))) } // SAFETY: kept records do not move.
