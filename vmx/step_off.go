//go:build !inject || !metal

package vmx

// landing is where exits land.
//
//go:nosplit
func landing() uint64 { return exitPC() }

// landed is the address behind what is there before the exit stub: nothing.
func landed() uint64 { return landing() }
