//go:build !metal

package phys

import (
	"unsafe"

	"perdure/mm/addr"
)

// addressOf returns the address of b, which does not move.
func addressOf(b []byte) addr.HVA {
	return addr.HVA(uintptr(unsafe.Pointer(&b[0]))) // SAFETY: only the number is used.
}
