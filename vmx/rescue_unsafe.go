package vmx

import (
	"unsafe"

	"perdure/mm/addr"
)

// contextAt returns the context whose registers end at top, nil if none can.
//
//go:nosplit
func contextAt(top uint64) *Context {
	if top < addr.PageSize || top&7 != 0 {
		return nil
	}
	// SAFETY: HOST_RSP of a VMCS that is in use, which says where a kept record's registers end.
	return (*Context)(unsafe.Add(nil, uintptr(top-15*8)))
}

// takeSSE takes XMM0 to 15 and MXCSR from an FXSAVE area.
//
//go:nosplit
func takeSSE(c *Context, fx addr.HVA) {
	const mxcsr, xmm = 24, 160
	// SAFETY: an entry's stack has 512 bytes of FXSAVE there.
	area := (*[64]uint64)(unsafe.Add(nil, uintptr(fx)))
	to := (*[32]uint64)(unsafe.Pointer(&c.XMM)) // SAFETY: the same 256 bytes, as words.
	for i := range to {
		to[i] = area[xmm/8+i]
	}
	c.MXCSR = area[mxcsr/8] & 0xffffffff
}
