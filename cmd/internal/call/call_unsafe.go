package call

import (
	"runtime"
	"unsafe"
)

// pinned keeps b's memory where it is until pin is released, and returns where.
func pinned(pin *runtime.Pinner, b []byte) uint64 {
	p := unsafe.SliceData(b)
	pin.Pin(p)
	// SAFETY: only the number is used, and only while b is pinned.
	return uint64(uintptr(unsafe.Pointer(p)))
}
