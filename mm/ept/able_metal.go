//go:build metal

package ept

import "perdure/kernel/x86"

// Bits of IA32_VMX_EPT_VPID_CAP. SDM Vol. 3D, "VPID and EPT Capabilities".
const (
	cap2M = 1 << 16
	cap1G = 1 << 17
)

// largest returns the highest level at which the processor takes pages.
func largest() uint {
	switch c := x86.RDMSR(x86.MSRVMXEPTVPIDCap); {
	case c&cap1G != 0:
		return 2
	case c&cap2M != 0:
		return 1
	}
	return 0
}

// physicalBits returns the width of a physical address.
func physicalBits() uint { return x86.PhysicalBits() }
