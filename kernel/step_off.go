//go:build metal && !inject

package kernel

import "perdure/kernel/personality"

// stepped: this image makes no faults of its own.
//
//go:nosplit
func stepped(*personality.Frame) bool { return false }

//go:nosplit
func debugEntry() uint64 { return address(atVectors) + 8 }

//go:nosplit
func mend() {}
