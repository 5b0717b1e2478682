//go:build metal

package vmx

import "perdure/kernel/x86"

//go:nosplit
func rdmsr(m x86.MSR) uint64 { return x86.RDMSR(m) }

//go:nosplit
func readCR2() uint64 { return x86.ReadCR2() }
