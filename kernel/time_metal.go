//go:build metal

package kernel

import (
	"perdure/kernel/raw"
	"perdure/kernel/x86"
)

// TSC returns the time-stamp counter.
//
//go:nosplit
func TSC() uint64 { return x86.RDTSC() }

// TSCHz returns the frequency of TSC.
//
//go:nosplit
func TSCHz() uint64 { return mach().tscHz }

// nanotime is the runtime's clock.
//
//go:nosplit
func nanotime() uint64 {
	m := mach()
	return scale(x86.RDTSC()-m.epoch, m.nanos)
}

// calibrate measures the TSC against channel 2 of the 8254. What CPUID says is
// believed only where there is no 8254, since emulators announce one clock and
// run another.
//
//go:nosplit
func calibrate(m *machine) {
	m.epoch = x86.RDTSC()
	m.said = announced()
	m.tscHz = m.page.TSCHz
	if m.tscHz == 0 {
		m.tscHz = measure()
	}
	if m.tscHz == 0 || m.said != 0 && agree(m.said, m.tscHz) {
		m.tscHz = m.said
	}
	if m.tscHz == 0 {
		die("no clock to measure the processor's frequency by: neither an 8254 timer nor CPUID leaf 0x15; enable the legacy timer in the firmware")
	}
	m.nanos = perTick(m.tscHz)
}

// measure returns the TSC's frequency by the 8254, or 0 if it does not count.
//
//go:nosplit
func measure() uint64 {
	const gate, status, command, channel2 = 0x61, 0x61, 0x43, 0x42
	const mode0, out = 0xb0, 0x20 // one shot; the output's bit in status
	x86.OUT8(gate, x86.IN8(gate)&^3|1)
	x86.OUT8(command, mode0)
	x86.OUT8(channel2, pitCount&0xff)
	x86.OUT8(channel2, pitCount>>8)
	from := x86.RDTSC()
	const patience = 1 << 24
	for i := 0; x86.IN8(status)&out == 0; i++ {
		if i == patience {
			return 0
		}
	}
	n := x86.RDTSC() - from
	if n < 1e4 {
		return 0 // the output was never low
	}
	return n * pitHz / pitCount
}

// announced returns the TSC's frequency as CPUID gives it, or 0.
// SDM Vol. 3B, "Time-Stamp Counter".
//
//go:nosplit
func announced() uint64 {
	last, _, _, _ := x86.CPUID(0, 0)
	if last < 0x15 {
		return 0
	}
	den, num, crystal, _ := x86.CPUID(0x15, 0)
	if den != 0 && num != 0 && crystal != 0 {
		return uint64(crystal) * uint64(num) / uint64(den)
	}
	if last >= 0x16 {
		mhz, _, _, _ := x86.CPUID(0x16, 0)
		return uint64(mhz&0xffff) * 1000000
	}
	return 0
}

// ClockWarning returns what CPUID claims of the TSC's frequency where that is
// not what was measured, else 0.
func ClockWarning() (claimed uint64) {
	if m := mach(); m.said != 0 && !agree(m.said, m.tscHz) {
		return m.said
	}
	return 0
}

// die ends an instance that has not begun: one line, and halt.
//
//go:nosplit
func die(why string) {
	raw.Puts("perdure: ")
	raw.Puts(why)
	raw.Puts("\nperdure: halted\n")
	x86.Stop()
}
