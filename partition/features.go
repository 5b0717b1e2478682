package partition

import (
	"perdure/kernel/x86"
	"perdure/partition/abi"
	"perdure/vmx"
)

// features returns what is in use of the processor, in the words of abi. What
// vmx.Start demands is always there.
func features() uint64 {
	f := uint64(abi.FeatEPT2M | abi.FeatVPID | abi.FeatUnrestricted | abi.FeatMSRBitmap | abi.FeatAckOnExit |
		abi.FeatPreemptionTimer | abi.FeatVirtualNMI | abi.FeatLoadPAT | abi.FeatLoadEFER)
	for _, o := range []struct {
		on  bool
		bit uint64
	}{
		{vmx.Caps.EPT1G, abi.FeatEPT1G},
		{x86.Has(x86.FeatureXSAVES), abi.FeatXSAVES},
		{x86.Has(x86.FeatureINVPCID), abi.FeatINVPCID},
		{x86.Has(x86.FeatureRDTSCP), abi.FeatRDTSCP},
		{x86.Has(x86.FeatureNX), abi.FeatNX},
		{x86.ReadCR4()&x86.CR4SMEP != 0, abi.FeatSMEP},
		{x86.ReadCR4()&x86.CR4SMAP != 0, abi.FeatSMAP},
	} {
		if o.on {
			f |= o.bit
		}
	}
	return f | variantFeatures
}
