package partition

import (
	"perdure/mm/addr"
	"perdure/mm/phys"
	"perdure/vmx"
)

// msrBitmap and ioBitmap see kept pages as what they are.
func msrBitmap(page addr.HPA) *vmx.MSRBitmap {
	// SAFETY: a kept page that kept.Page handed out for this, in the direct map.
	return (*vmx.MSRBitmap)(phys.At(page))
}

func ioBitmap(pages addr.HPA) *vmx.IOBitmap {
	// SAFETY: two kept pages that kept.Pages handed out for this.
	return (*vmx.IOBitmap)(phys.At(pages))
}
