//go:build !metal

package partition

import "perdure/kernel"

// guarded has no fault to wait for: on a host they are panics.
func guarded(c *CPU, v *VP, at *kernel.Guard) (fault uint64) {
	c.run(v)
	return 0
}
