package partition

import "perdure/kernel/x86"

// A partition's MTRRs are its own words: they begin as the machine's and have no
// effect, since its EPT says what is memory and what is a device. SDM Vol. 3A,
// "Memory Type Range Registers (MTRRs)".

// Places in VP.MTRR.
const (
	mtrrVar   = 0  // 16 pairs at most, base and mask by turns
	mtrrFix   = 32 // 11 fixed ranges
	mtrrDef   = 43
	mtrrCount = 8 // variable ranges offered
	mtrrCap   = mtrrCount | 1<<8 | 1<<10
)

// mtrrPlace returns where the MTRR n is kept, -1 if n is none.
//
//go:nosplit
func mtrrPlace(n x86.MSR) int {
	switch {
	case n >= x86.MSRMTRRPhysBase0 && n < x86.MSRMTRRPhysBase0+2*mtrrCount:
		return mtrrVar + int(n-x86.MSRMTRRPhysBase0)
	case n == x86.MSRMTRRFix64K00000:
		return mtrrFix
	case n == x86.MSRMTRRFix16K80000, n == x86.MSRMTRRFix16KA0000:
		return mtrrFix + 1 + int(n-x86.MSRMTRRFix16K80000)
	case n >= x86.MSRMTRRFix4KC0000 && n <= x86.MSRMTRRFix4KF8000:
		return mtrrFix + 3 + int(n-x86.MSRMTRRFix4KC0000)
	case n == x86.MSRMTRRDefType:
		return mtrrDef
	}
	return -1
}

// readMTRR returns the MTRR n; ok is false if n is none.
//
//go:nosplit
func (v *VP) readMTRR(n x86.MSR) (val uint64, ok bool) {
	if n == x86.MSRMTRRCap {
		return mtrrCap, true
	}
	if i := mtrrPlace(n); i >= 0 {
		return v.MTRR[i], true
	}
	return 0, false
}

// writeMTRR notes the new value of the MTRR n. ok says whether n is one, good
// whether it can take the value.
//
//go:nosplit
func (v *VP) writeMTRR(n x86.MSR, val uint64) (ok, good bool) {
	if n == x86.MSRMTRRCap {
		return true, false
	}
	i := mtrrPlace(n)
	if i < 0 {
		return false, false
	}
	switch {
	case i == mtrrDef:
		good = val&^(0xff|1<<10|1<<11) == 0 && memoryType(val)
	case i >= mtrrFix:
		good = true
		for w := val; w != 0; w >>= 8 {
			good = good && memoryType(w)
		}
	case i&1 == 0:
		good = val&0xf00 == 0 && val>>x86.PhysicalBits() == 0 && memoryType(val)
	default:
		good = val&0x7ff == 0 && val>>x86.PhysicalBits() == 0
	}
	if !good {
		return true, false
	}
	v.Log.Set(&v.MTRR[i], val)
	return true, true
}

// memoryType reports whether the low byte of w is a memory type.
//
//go:nosplit
func memoryType(w uint64) bool { return 1<<(w&63)&0x73 != 0 && w&0xff < 64 }

// initMTRR gives v the machine's MTRRs.
func (v *VP) initMTRR() {
	machine := x86.RDMSR(x86.MSRMTRRCap)
	for i := range mtrrCount {
		if uint64(i) < machine&0xff {
			n := x86.MSRMTRRPhysBase0 + x86.MSR(2*i)
			v.MTRR[mtrrVar+2*i], v.MTRR[mtrrVar+2*i+1] = x86.RDMSR(n), x86.RDMSR(n+1)
		}
	}
	for n := x86.MSRMTRRFix64K00000; n <= x86.MSRMTRRFix4KF8000; n++ {
		if p := mtrrPlace(n); p >= 0 && machine>>8&1 != 0 {
			v.MTRR[p] = x86.RDMSR(n)
		}
	}
	v.MTRR[mtrrDef] = x86.RDMSR(x86.MSRMTRRDefType)
}

// guestMTRR gives v memory types as firmware leaves them: all is memory, and
// windows are told apart by the guest's page tables.
func (v *VP) guestMTRR() {
	const writeBack, enabled = 6, 1 << 11
	v.MTRR[mtrrDef] = writeBack | enabled
}
