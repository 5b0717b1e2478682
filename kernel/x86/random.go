package x86

// Random returns a random word of the processor's own, or 0 from one that has
// none to give. SDM Vol. 1, "Random Number Generator Instructions".
//
//go:nosplit
func Random() uint64 {
	const tries = 32 // more than the manual's ten: others ask too
	seed, rand := Has(FeatureRDSEED), Has(FeatureRDRAND)
	for range tries {
		if seed {
			if v, ok := RDSEED(); ok {
				return v
			}
		}
		if rand {
			if v, ok := RDRAND(); ok {
				return v
			}
		}
	}
	return 0
}

// RDSEED executes RDSEED, for processors with FeatureRDSEED; false if there is
// no entropy yet.
func RDSEED() (v uint64, ok bool)

// RDRAND executes RDRAND, for processors with FeatureRDRAND; false if there is
// nothing yet.
func RDRAND() (v uint64, ok bool)
