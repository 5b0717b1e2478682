package record

import "unsafe"

// bytesOf returns r's own memory.
func bytesOf[T any](r *T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(r)), unsafe.Sizeof(*r)) // SAFETY: r has no pointers.
}
