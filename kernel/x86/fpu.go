package x86

// FXArea is what FXSAVE stores; it must lie on a multiple of 16.
type FXArea [512]byte

// XArea is room for what XSAVE stores with every component but AMX; it must lie
// on a multiple of 64.
type XArea [4096]byte

// FXSAVE stores x87, MXCSR and XMM0-15.
//
//go:noescape
func FXSAVE(a *FXArea)

// FXRSTOR loads what FXSAVE stored.
//
//go:noescape
func FXRSTOR(a *FXArea)

// XSAVE stores the components of mask that XCR0 enables.
//
//go:noescape
func XSAVE(a *XArea, mask uint64)

// XRSTOR loads the components of mask; those absent from a become initial. A
// malformed area faults.
//
//go:noescape
func XRSTOR(a *XArea, mask uint64)

// FNINIT gives x87 and MXCSR the values that Go runs with.
func FNINIT()
