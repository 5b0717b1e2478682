package boot

import (
	"unsafe"

	"perdure/mm/addr"
)

// A boot page is exactly a page, or this does not compile.
var _ [addr.PageSize]byte = [unsafe.Sizeof(Page{})]byte{}

// PageAt returns the boot page at v.
//
//go:nosplit
func PageAt(v addr.HVA) *Page {
	// SAFETY: head.S hands over the address of a whole page that stays mapped.
	return (*Page)(unsafe.Add(nil, uintptr(v)))
}
