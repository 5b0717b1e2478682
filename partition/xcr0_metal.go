//go:build metal

package partition

import "perdure/kernel/x86"

//go:nosplit
func setXCR0(v uint64) { x86.XSETBV(0, v) }
