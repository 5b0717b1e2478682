package apic

import (
	"math/bits"

	"perdure/kernel/x86"
)

// SetDeadline makes the timer of this processor interrupt when the TSC reaches
// tsc, or at once if it has. Without TSC deadlines it may come too early when
// tsc is far away: who waits looks at the clock anyway.
//
//go:nosplit
func SetDeadline(tsc uint64) {
	if deadline {
		wrmsr(x86.MSRTSCDeadline, tsc)
		return
	}
	now := rdtsc()
	write(regInitial, ticks(tsc, now))
}

// ticks returns the initial count that takes the timer from now to tsc.
//
//go:nosplit
func ticks(tsc, now uint64) uint32 {
	if tsc <= now {
		return 1
	}
	hi, lo := bits.Mul64(tsc-now, rate)
	n := hi<<32 | lo>>32
	switch {
	case hi>>32 != 0 || n > 1<<32-2:
		return 1<<32 - 1
	}
	return uint32(n) + 1
}

// ClearTimer stops the timer of this processor.
//
//go:nosplit
func ClearTimer() {
	if deadline {
		wrmsr(x86.MSRTSCDeadline, 0)
		return
	}
	write(regInitial, 0)
}

// Timed reports whether the timer of this processor will interrupt at the TSC value by or
// before, or has. Without TSC deadlines it cannot tell when.
//
//go:nosplit
func Timed(by uint64) bool {
	if deadline {
		if d := rdmsr(x86.MSRTSCDeadline); d != 0 && d <= by {
			return true
		}
	} else if read(regCurrent) != 0 {
		return true
	}
	return read(regIRR+vector>>5)>>(vector&31)&1 != 0
}

// calibrateFor is how many TSC ticks the timer's rate is measured over.
const calibrateFor = 1 << 22

// calibrate measures how many ticks the timer makes in a TSC tick.
//
//go:nosplit
func calibrate() uint64 {
	write(regLVTTimer, vector|lvtMasked)
	write(regInitial, ^uint32(0))
	from := rdtsc()
	first := read(regCurrent)
	for rdtsc()-from < calibrateFor {
		x86.PAUSE()
	}
	last := read(regCurrent)
	took := rdtsc() - from
	write(regInitial, 0)
	write(regLVTTimer, vector)
	return uint64(first-last) << 32 / took
}
