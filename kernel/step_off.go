//go:build metal && !inject

package kernel

import "perdure/kernel/personality"

// stepped: this image makes no faults of its own.
//
//go:nosplit
func stepped(*personality.Frame, uint64) bool { return false }

// enters: nor does it tell itself of any.
//
//go:nosplit
func enters(*personality.Frame) {}

// Enter would be the beginning of a section that faults are made in.
//
//go:nosplit
func Enter(uint64) {}

// Leave would be the end.
//
//go:nosplit
func Leave() {}

//go:nosplit
func debugEntry() uint64 { return address(atVectors) + 8 }

//go:nosplit
func mend() {}
