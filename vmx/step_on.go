//go:build metal && inject

package vmx

// landing is where exits land: at the count of instructions, if one is ordered.
//
//go:nosplit
func landing() uint64 { return stepPC() }

// landed is the address behind the code there.
func landed() uint64 { return stepEnd() }

func stepPC() uint64
func stepEnd() uint64
