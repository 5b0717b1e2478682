//go:build !inject

package partition

// injects: this image can make faults of its own.
const injects = false

// handle answers an exit.
//
//go:nosplit
func handle(c *CPU, v *VP, r uint64) Verdict { return exits[r](c, v) }
