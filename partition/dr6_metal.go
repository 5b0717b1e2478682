//go:build metal

package partition

import "perdure/kernel/x86"

//go:nosplit
func readDR6() uint64 { return x86.ReadDR6() }

//go:nosplit
func writeDR6(v uint64) { x86.WriteDR6(v) }
