//go:build !metal

package vmx

import (
	"unsafe"

	"perdure/mm/addr"
)

// areaAt returns where a test's FXSAVE area lies.
func areaAt(a *[64]uint64) addr.HVA {
	// SAFETY: the caller keeps it.
	return addr.HVA(uintptr(unsafe.Pointer(a)))
}
