//go:build !metal

package ept

// The pretended processor.
var (
	fakeLargest uint = 2
	fakeBits    uint = 46
)

// largest returns the highest level at which the processor takes pages.
func largest() uint { return fakeLargest }

// physicalBits returns the width of a physical address.
func physicalBits() uint { return fakeBits }
