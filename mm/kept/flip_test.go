//go:build !metal

package kept

import (
	"perdure/mm/addr"
	"perdure/mm/phys"
)

// flip changes one bit, counted from the aligned word at a.
func flip(a addr.HPA, bit uint64) {
	a += addr.HPA(bit / 64 * 8)
	phys.Store(a, phys.Load(a)^1<<(bit%64))
}
