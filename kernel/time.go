package kernel

import "math/bits"

// pitHz is the frequency of the 8254's input.
const pitHz = 1193182

// pitCount is how long the calibration counts: 20 ms.
const pitCount = pitHz / 50

// perTick returns nanoseconds per tick of a clock of hz, times 2^32.
//
//go:nosplit
func perTick(hz uint64) uint64 {
	const ns = 1000000000
	q, _ := bits.Div64(ns>>32, ns<<32&(1<<64-1), hz)
	return q
}

// scale returns ticks in nanoseconds.
//
//go:nosplit
func scale(ticks, per uint64) uint64 {
	hi, lo := bits.Mul64(ticks, per)
	return hi<<32 | lo>>32
}

// agree reports whether a and b differ by at most 1 %.
//
//go:nosplit
func agree(a, b uint64) bool {
	d := a - b
	if b > a {
		d = b - a
	}
	return d <= b/100
}
