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

// The exit stub pushes the registers downward from HostSP, and reads two fields
// straight into the record. The commit moves four registers by two 16-byte moves.
var (
	_ [15 * 8]byte      = [unsafe.Offsetof(Context{}.HostSP)]byte{}
	_ [15*8 + 32]byte   = [unsafe.Offsetof(Context{}.RIP)]byte{}
	_ [15*8 + 40]byte   = [unsafe.Offsetof(Context{}.Len)]byte{}
	_ [RBX + 1]byte     = [RDX]byte{}
	_ [RBX + 2]byte     = [RCX]byte{}
	_ [RBX + 3]byte     = [RAX]byte{}
	_ [outRBX + 8]byte  = [unsafe.Offsetof(Context{}.OutRDX)]byte{}
	_ [outRBX + 16]byte = [unsafe.Offsetof(Context{}.OutRCX)]byte{}
	_ [outRBX + 24]byte = [unsafe.Offsetof(Context{}.OutRAX)]byte{}
)

const outRBX = unsafe.Offsetof(Context{}.OutRBX)
