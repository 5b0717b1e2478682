//go:build metal

package partition

import "perdure/kernel"

// guarded is runGuest, which a fault of ours may end: then at says which, and what the
// functions below were at is as it was.
//
//go:noescape
func guarded(c *CPU, v *VP, at *kernel.Guard) (fault uint64)

func landing()

// runGuest is run for guarded.
//
//go:nosplit
func runGuest(c *CPU, v *VP) { c.run(v) }
