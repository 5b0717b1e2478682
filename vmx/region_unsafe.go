package vmx

import (
	"unsafe"

	"perdure/mm/addr"
)

// setRevision writes the revision identifier that a VMXON region and a VMCS
// begin with. SDM Vol. 3C, "Format of the VMCS Region".
//
//go:nosplit
func setRevision(region addr.HPA, revision uint32) {
	// SAFETY: the caller owns the page, and the direct map holds all memory.
	*(*uint32)(unsafe.Add(nil, uintptr(region.HVA()))) = revision
}

// end returns the address behind c.Regs, where an exit begins to push.
//
//go:nosplit
func end(c *Context) uint64 {
	// SAFETY: only the address is taken.
	return uint64(uintptr(unsafe.Pointer(&c.HostSP)))
}

// The exit stub pushes the registers downward from HostSP and pops HostSP and
// HostBP together.
var (
	_ [15 * 8]byte = [unsafe.Offsetof(Context{}.HostSP)]byte{}
	_ [16 * 8]byte = [unsafe.Offsetof(Context{}.HostBP)]byte{}
)
