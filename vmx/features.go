package vmx

import (
	"perdure/kernel/x86"
	"perdure/partition/abi"
	"perdure/vmx/vmcs"
)

// Features returns which features of VT-x and of the processor are in use, in
// the words of abi.
func Features() (f uint64) {
	c := &Caps
	for _, t := range []struct {
		bit uint64
		has bool
	}{
		{abi.FeatEPT2M, c.EPTVPID&capEPT2M != 0},
		{abi.FeatEPT1G, c.EPT1G},
		{abi.FeatVPID, c.has(secondary, vmcs.SecVPID)},
		{abi.FeatUnrestricted, c.has(secondary, vmcs.SecUnrestricted)},
		{abi.FeatPreemptionTimer, c.has(pin, vmcs.PinTimer)},
		{abi.FeatMSRBitmap, c.has(primary, vmcs.PrimMSRBitmap)},
		{abi.FeatAckOnExit, c.has(exit, vmcs.ExitAckIntr)},
		{abi.FeatXSAVES, c.has(secondary, vmcs.SecXSAVES)},
		{abi.FeatINVPCID, c.has(secondary, vmcs.SecINVPCID)},
		{abi.FeatRDTSCP, c.has(secondary, vmcs.SecRDTSCP)},
		{abi.FeatPauseLoop, c.has(secondary, vmcs.SecPAUSELoop)},
		{abi.FeatVirtualNMI, c.has(pin, vmcs.PinVirtualNMI)},
		{abi.FeatLoadPAT, c.has(entry, vmcs.EntryLoadPAT)},
		{abi.FeatLoadEFER, c.has(entry, vmcs.EntryLoadEFER)},
		{abi.FeatNX, x86.Has(x86.FeatureNX)},
		{abi.FeatSMEP, x86.Has(x86.FeatureSMEP)},
		{abi.FeatSMAP, x86.Has(x86.FeatureSMAP)},
	} {
		if t.has {
			f |= t.bit
		}
	}
	return f
}
