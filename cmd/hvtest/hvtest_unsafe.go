package main

import "unsafe"

// addressOf returns where b lies.
func addressOf(b []byte) uint64 {
	// SAFETY: only the number is used; b is a mapping, which does not move.
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
}

// counterAt reads the 8 bytes at off of a page of device registers at once.
func counterAt(page []byte, off int) uint64 {
	_ = page[off+7]
	// SAFETY: in bounds, and aligned because pages are and off is a register's.
	return *(*uint64)(unsafe.Pointer(&page[off]))
}
