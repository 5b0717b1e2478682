//go:build !inject || !metal

package vmx

// landing is where exits land.
//
//go:nosplit
func landing() uint64 { return exitPC() }
