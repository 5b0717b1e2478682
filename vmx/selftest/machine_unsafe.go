package selftest

import (
	"unsafe"

	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/vmx"
)

// SAFETY, for all of this file: the addresses lie in the pages that Run was
// given, which the direct map has.

// word returns the aligned word at a.
func word(a addr.HPA) *uint64 { return (*uint64)(unsafe.Add(nil, uintptr(a.HVA()))) } // SAFETY: see above.

// contextAt returns the context at a.
func contextAt(a addr.HPA) *vmx.Context {
	return (*vmx.Context)(unsafe.Add(nil, uintptr(a.HVA()))) // SAFETY: see above.
}

// bitmapsAt returns the MSR bitmap at a and the I/O bitmap at b.
func bitmapsAt(a, b addr.HPA) (*vmx.MSRBitmap, *vmx.IOBitmap) {
	return (*vmx.MSRBitmap)(unsafe.Add(nil, uintptr(a.HVA()))), (*vmx.IOBitmap)(unsafe.Add(nil, uintptr(b.HVA()))) // SAFETY: see above.
}

// clean returns an FXSAVE area inside room that makes all registers zero.
func clean(room *[512 + 16]byte) *x86.FXArea {
	a := (*x86.FXArea)(unsafe.Pointer((uintptr(unsafe.Pointer(room)) + 15) &^ 15)) // SAFETY: room has 15 bytes to spare.
	a[0], a[1] = 0x7f, 0x03                                                        // FCW
	a[24], a[25] = 0x80, 0x1f                                                      // MXCSR
	return a
}
