package main

import "unsafe"

const sysFinitModule = 313

// uintptrOf gives the address of a text's first byte, for a system call.
func uintptrOf(text string) uintptr {
	// SAFETY: text is a constant, which does not move.
	return uintptr(unsafe.Pointer(unsafe.StringData(text)))
}
