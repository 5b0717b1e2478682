package lapic

// Registers, by number: MSR 0x800 + n in x2APIC mode, BaseAddress + 16n in
// xAPIC mode. SDM Vol. 3A, "Local APIC Register Address Map Supported by
// x2APIC".
const (
	regID           = 0x02
	regVersion      = 0x03
	regTPR          = 0x08
	regAPR          = 0x09 // xAPIC only, reads 0
	regPPR          = 0x0a
	regEOI          = 0x0b
	regLDR          = 0x0d
	regDFR          = 0x0e // xAPIC only
	regSVR          = 0x0f
	regISR          = 0x10
	regTMR          = 0x18
	regIRR          = 0x20
	regESR          = 0x28
	regICR          = 0x30
	regICRHigh      = 0x31 // xAPIC only
	regLVTTimer     = 0x32
	regLVTError     = 0x37
	regInitialCount = 0x38
	regCurrentCount = 0x39
	regDivide       = 0x3e
	regSelfIPI      = 0x3f // x2APIC only
)

// MSRs of the x2APIC, and where they end.
const (
	FirstMSR = 0x800
	LastMSR  = 0x83f
)

// ReadMSR reads an x2APIC register; false asks for #GP. now is the guest's TSC.
//
//go:nosplit
func (s *State) ReadMSR(msr uint32, now uint64) (uint64, bool) {
	if !s.X2() {
		return 0, false
	}
	switch reg := msr - FirstMSR; reg {
	case regICR:
		return s.ICR, true
	case regAPR, regDFR, regICRHigh, regEOI, regSelfIPI:
		return 0, false
	default:
		return s.read(reg, now)
	}
}

// ReadMMIO reads the four bytes at an offset into the page at BaseAddress, in
// xAPIC mode. What is no register reads 0.
//
//go:nosplit
func (s *State) ReadMMIO(off, now uint64) uint32 {
	if off&0xf != 0 || off >= 0x400 {
		return 0
	}
	var v uint64
	switch reg := uint32(off >> 4); reg {
	case regID:
		return uint32(s.ID) << 24
	case regDFR:
		v = s.DFR
	case regICRHigh:
		v = s.ICR >> 32
	default:
		v, _ = s.read(reg, now)
	}
	return uint32(v)
}

// read reads what both modes have at the same number.
//
//go:nosplit
func (s *State) read(reg uint32, now uint64) (uint64, bool) {
	switch {
	case reg >= regISR && reg < regTMR:
		return half(&s.ISR, reg), true
	case reg >= regTMR && reg < regIRR:
		return half(&s.TMR, reg), true
	case reg >= regIRR && reg < regESR:
		return half(&s.IRR, reg), true
	case reg >= regLVTTimer && reg <= regLVTError:
		return s.LVT[(reg-regLVTTimer)%6], true
	}
	switch reg {
	case regID:
		return s.ID, true
	case regVersion:
		return version, true
	case regTPR:
		return s.TPR, true
	case regPPR:
		return s.PPR(), true
	case regLDR:
		return uint64(s.LogicalID()), true
	case regSVR:
		return s.SVR, true
	case regESR:
		return s.ESR, true
	case regICR:
		return s.ICR & 0xffffffff, true
	case regInitialCount:
		return s.InitialCount, true
	case regCurrentCount:
		return s.count(now), true
	case regDivide:
		return s.Divide, true
	}
	return 0, false
}

// half returns the 32 vectors that a register of a 256-bit set shows.
//
//go:nosplit
func half(v *[4]uint64, reg uint32) uint64 {
	return v[reg>>1&3] >> (reg & 1 * 32) & 0xffffffff
}
