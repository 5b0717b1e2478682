package x86

// Feature is one bit of CPUID: the leaf in bits 63:32, the subleaf in 31:16, the
// register in 15:8 and the bit in 7:0. SDM Vol. 2A, "CPUID".
type Feature uint64

// Registers of a CPUID answer, in the order of the instruction's results.
const (
	regA = iota << 8
	regB
	regC
	regD
)

const (
	leaf1  = 1 << 32
	leaf7  = 7 << 32
	leafD  = 0xd<<32 | 1<<16
	leafX1 = 0x80000001 << 32
	leafX7 = 0x80000007 << 32
)

// Feature bits that the hypervisor asks for.
const (
	FeatureVMX         Feature = leaf1 | regC | 5
	FeatureFMA         Feature = leaf1 | regC | 12
	FeatureCX16        Feature = leaf1 | regC | 13
	FeaturePCID        Feature = leaf1 | regC | 17
	FeatureX2APIC      Feature = leaf1 | regC | 21
	FeatureTSCDeadline Feature = leaf1 | regC | 24
	FeatureXSAVE       Feature = leaf1 | regC | 26
	FeatureAVX         Feature = leaf1 | regC | 28
	FeatureRDRAND      Feature = leaf1 | regC | 30
	FeatureHypervisor  Feature = leaf1 | regC | 31
	FeatureTSC         Feature = leaf1 | regD | 4
	FeatureMSR         Feature = leaf1 | regD | 5
	FeatureAPIC        Feature = leaf1 | regD | 9
	FeatureMTRR        Feature = leaf1 | regD | 12
	FeaturePAT         Feature = leaf1 | regD | 16
	FeatureFXSR        Feature = leaf1 | regD | 24
	FeatureSSE2        Feature = leaf1 | regD | 26
	FeatureHTT         Feature = leaf1 | regD | 28
	FeatureFSGSBASE    Feature = leaf7 | regB | 0
	FeatureTSCAdjust   Feature = leaf7 | regB | 1
	FeatureSMEP        Feature = leaf7 | regB | 7
	FeatureERMS        Feature = leaf7 | regB | 9
	FeatureINVPCID     Feature = leaf7 | regB | 10
	FeatureRDSEED      Feature = leaf7 | regB | 18
	FeatureSMAP        Feature = leaf7 | regB | 20
	FeatureUMIP        Feature = leaf7 | regC | 2
	FeatureLA57        Feature = leaf7 | regC | 16
	FeatureXSAVEOPT    Feature = leafD | regA | 0
	FeatureXSAVEC      Feature = leafD | regA | 1
	FeatureXSAVES      Feature = leafD | regA | 3
	FeatureSYSCALL     Feature = leafX1 | regD | 11
	FeatureNX          Feature = leafX1 | regD | 20
	Feature1GPages     Feature = leafX1 | regD | 26
	FeatureRDTSCP      Feature = leafX1 | regD | 27
	FeatureLongMode    Feature = leafX1 | regD | 29
	FeatureInvariant   Feature = leafX7 | regD | 8
)

// Has reports whether this processor has f. A leaf that it does not know has no
// features: Intel answers such a leaf with the data of the highest one.
//
//go:nosplit
func Has(f Feature) bool {
	leaf := uint32(f >> 32)
	if max, _, _, _ := CPUID(leaf&0x80000000, 0); leaf > max {
		return false
	}
	a, b, c, d := CPUID(leaf, uint32(f>>16)&0xffff)
	return pick(f, a, b, c, d)
}

// pick finds f in the answer of its leaf.
//
//go:nosplit
func pick(f Feature, a, b, c, d uint32) bool {
	switch f & 0xff00 {
	case regB:
		a = b
	case regC:
		a = c
	case regD:
		a = d
	}
	return a>>(f&31)&1 != 0
}

// PhysicalBits returns the width of a physical address.
//
//go:nosplit
func PhysicalBits() uint {
	if max, _, _, _ := CPUID(0x80000000, 0); max < 0x80000008 {
		return 36
	}
	a, _, _, _ := CPUID(0x80000008, 0)
	return uint(a & 0xff)
}
