//go:build !metal

package apic

import (
	"fmt"
	"testing"

	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// fake is a machine with one local APIC and two I/O APICs. It notes what is
// written, in order.
type fake struct {
	x2, deadline bool
	base         uint64
	tsc          uint64
	local        [0x40]uint32
	isr          []uint8 // vectors in service, highest last
	index        [2]uint32
	pins         [2]uint32
	io           [2][256]uint32
	log          []string
}

const (
	lapicBase = addr.DirectBase + 0xfee00000
	chip0     = addr.DirectBase + 0xfec00000
	chip1     = addr.DirectBase + 0xfec10000
)

func newFake(t *testing.T, x2APIC, tscDeadline bool) *fake {
	f := &fake{x2: x2APIC, deadline: tscDeadline, base: 0xfee00900, pins: [2]uint32{24, 8}}
	f.local[regID] = 5
	if !x2APIC {
		f.local[regID] = 5 << 24
	}
	machine = f
	x2, window, deadline, rate, vector, nchips = false, 0, false, 0, 0, 0
	t.Cleanup(func() { machine = nowhere{} })
	return f
}

func (f *fake) take() []string {
	l := f.log
	f.log = nil
	return l
}

func (f *fake) rdtsc() uint64 { f.tsc += 100; return f.tsc }

func (f *fake) has(x x86.Feature) bool {
	return x == x86.FeatureX2APIC && f.x2 || x == x86.FeatureTSCDeadline && f.deadline
}

func (f *fake) read(reg uint32) uint32 {
	switch {
	case reg == regCurrent: // counts at a quarter of the TSC
		return f.local[regInitial] - uint32(f.tsc/4)
	case reg >= regISR && reg < regISR+8:
		v := uint32(0)
		for _, vec := range f.isr {
			if uint32(vec)>>5 == reg-regISR {
				v |= 1 << (vec & 31)
			}
		}
		return v
	}
	return f.local[reg]
}

func (f *fake) write(reg uint32, v uint64) {
	if reg == regEOI {
		if len(f.isr) > 0 {
			f.isr = f.isr[:len(f.isr)-1]
		}
		return
	}
	f.local[reg] = uint32(v)
	f.log = append(f.log, fmt.Sprintf("%#x=%#x", reg, v))
}

func (f *fake) rdmsr(m x86.MSR) uint64 {
	if m == x86.MSRAPICBase {
		return f.base
	}
	return uint64(f.read(uint32(m - x86.MSRX2APICFirst)))
}

func (f *fake) wrmsr(m x86.MSR, v uint64) {
	switch m {
	case x86.MSRAPICBase:
		f.base = v
		f.log = append(f.log, fmt.Sprintf("base=%#x", v))
	case x86.MSRTSCDeadline:
		f.log = append(f.log, fmt.Sprintf("deadline=%d", v))
	default:
		f.write(uint32(m-x86.MSRX2APICFirst), v)
	}
}

func (f *fake) load32(a addr.HVA) uint32 {
	if a >= lapicBase {
		return f.read(uint32(a-lapicBase) >> 4)
	}
	i := (a - chip0) >> 16
	if f.index[i] == ioVersion {
		return 0x20 | (f.pins[i]-1)<<16
	}
	return f.io[i][f.index[i]]
}

func (f *fake) store32(a addr.HVA, v uint32) {
	if a >= lapicBase {
		f.write(uint32(a-lapicBase)>>4, uint64(v))
		return
	}
	i := (a - chip0) >> 16
	if a&0x10 == 0 {
		f.index[i] = v
		return
	}
	f.io[i][f.index[i]] = v
	f.log = append(f.log, fmt.Sprintf("io%d %#x=%#x", i, f.index[i], v))
}
