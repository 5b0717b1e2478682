package main

import (
	"unsafe"

	"perdure/boot"
	"perdure/kernel"
	"perdure/mm/addr"
)

// physical returns the n bytes at physical address at; nil beyond what is mapped.
func physical(at uint64, n int) []byte {
	if n <= 0 || at+uint64(n) > kernel.Boot().Direct {
		return nil
	}
	// SAFETY: the direct map has them, and nobody frees physical memory.
	return unsafe.Slice((*byte)(unsafe.Add(nil, uintptr(addr.HPA(at).HVA()))), n)
}

// loaderInfo returns the loader's information structure.
func loaderInfo() []byte {
	at := uint64(kernel.Boot().LoaderInfo)
	return physical(at, boot.Size(physical(at, 8)))
}
