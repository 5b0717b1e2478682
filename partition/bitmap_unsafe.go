package partition

import (
	"unsafe"

	"perdure/mm/addr"
	"perdure/vmx"
)

// msrBitmap and ioBitmap see kept pages as what they are.
func msrBitmap(page addr.HPA) *vmx.MSRBitmap {
	// SAFETY: a kept page that kept.Page handed out for this, in the direct map.
	return (*vmx.MSRBitmap)(unsafe.Add(nil, uintptr(page.HVA())))
}

func ioBitmap(pages addr.HPA) *vmx.IOBitmap {
	// SAFETY: two kept pages that kept.Pages handed out for this.
	return (*vmx.IOBitmap)(unsafe.Add(nil, uintptr(pages.HVA())))
}
