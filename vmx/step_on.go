//go:build metal && inject

package vmx

// landing is where exits land: at the count of instructions, if one is ordered.
//
//go:nosplit
func landing() uint64 { return stepPC() }

func stepPC() uint64
