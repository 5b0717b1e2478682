// Package apic drives the machine's interrupt controllers: each processor's
// local APIC and the I/O APICs.
//
// The one idea: one set of register numbers, reached through MSRs where the
// processor has an x2APIC and through memory where it has not; nothing above
// sees which. A local APIC is never switched off.
//
// What is remembered (the way of access, the addresses, the timer's rate) is
// found at start and never changes, so it may be part of a golden image.
// SDM Vol. 3A, "Advanced Programmable Interrupt Controller (APIC)".
package apic

import (
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// Registers, by number.
const (
	regID       = 0x02
	regTPR      = 0x08
	regEOI      = 0x0b
	regLDR      = 0x0d
	regDFR      = 0x0e
	regSVR      = 0x0f
	regISR      = 0x10 // eight of them
	regIRR      = 0x20 // the same
	regESR      = 0x28
	regICR      = 0x30
	regICRHigh  = 0x31
	regLVTTimer = 0x32
	regLVTLINT0 = 0x35
	regLVTError = 0x37
	regInitial  = 0x38
	regCurrent  = 0x39
	regDivide   = 0x3e
)

// Bits.
const (
	baseX2     = 1 << 10
	baseEnable = 1 << 11
	baseMask   = 0xffffff000

	svrEnable = 1 << 8

	lvtMasked   = 1 << 16
	lvtDeadline = 2 << 17

	divideBy1 = 0xb
)

// spurious is the vector of interrupts that were withdrawn; they get no EOI.
const spurious = 0xff

// How the local APICs are reached: the same on all processors.
var (
	x2       bool     // by MSR
	window   addr.HVA // else by memory
	deadline bool     // the timer takes TSC values
	rate     uint64   // else: its ticks per TSC tick, times 2^32
	vector   uint32   // the timer's vector
)

// Start readies the local APIC of the processor that calls it; its timer will
// interrupt with the given vector. What the firmware has set up for NMIs (LINT1)
// and for the processor's own events (thermal, performance) stays.
//
//go:nosplit
func Start(timer uint8) {
	base := rdmsr(x86.MSRAPICBase)
	if has(x86.FeatureX2APIC) {
		if base&baseX2 == 0 { // by way of xAPIC mode if the firmware left it off
			wrmsr(x86.MSRAPICBase, base|baseEnable)
			wrmsr(x86.MSRAPICBase, base|baseEnable|baseX2)
		}
		x2 = true
	} else if base&baseEnable == 0 {
		wrmsr(x86.MSRAPICBase, base|baseEnable)
	}
	window = addr.HPA(base & baseMask).HVA()
	deadline = has(x86.FeatureTSCDeadline)
	vector = uint32(timer)
	ready()
	if !deadline && rate == 0 {
		rate = calibrate()
	}
}

// ready writes the registers that Start promises.
//
//go:nosplit
func ready() {
	if !x2 {
		write(regDFR, ^uint32(0))
		write(regLDR, 0)
	}
	write(regTPR, 0)
	write(regSVR, svrEnable|spurious)
	write(regLVTLINT0, lvtMasked)
	write(regLVTError, lvtMasked)
	write(regESR, 0)
	EndAll()
	if deadline {
		write(regLVTTimer, vector|lvtDeadline)
		fence() // SDM: the LVT must be written before the deadline is
		wrmsr(x86.MSRTSCDeadline, 0)
		return
	}
	write(regDivide, divideBy1)
	write(regInitial, 0)
	write(regLVTTimer, vector)
}

//go:nosplit
func read(reg uint32) uint32 {
	if x2 {
		return uint32(rdmsr(x86.MSRX2APICFirst + x86.MSR(reg)))
	}
	return load32(window + addr.HVA(reg)<<4)
}

//go:nosplit
func write(reg, v uint32) {
	if x2 {
		wrmsr(x86.MSRX2APICFirst+x86.MSR(reg), uint64(v))
		return
	}
	store32(window+addr.HVA(reg)<<4, v)
}

// X2 reports whether the local APICs are in x2APIC mode.
//
//go:nosplit
func X2() bool { return x2 }

// ID returns the local APIC's ID.
//
//go:nosplit
func ID() uint32 {
	if x2 {
		return read(regID)
	}
	return read(regID) >> 24
}

// EOI ends the highest interrupt in service here.
//
//go:nosplit
func EOI() { write(regEOI, 0) }

// InService returns the highest vector in service here, 0 if there is none.
//
//go:nosplit
func InService() uint8 {
	for i := uint32(8); i > 0; i-- {
		if w := read(regISR + i - 1); w != 0 {
			v := uint32(31)
			for w>>v == 0 {
				v--
			}
			return uint8((i-1)*32 + v)
		}
	}
	return 0
}

// EndAll ends every interrupt in service here and returns how many there were.
// After a reset nobody else will.
//
//go:nosplit
func EndAll() (n int) {
	for n < 256 && InService() != 0 {
		EOI()
		n++
	}
	return n
}
