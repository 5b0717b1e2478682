package lapic

import "perdure/partition/tx"

// Bits that software may set. The read-only ones of the LVT (delivery status,
// remote IRR) are let through and dropped; all others are reserved.
const (
	svrBits    = 0x3ff
	divideBits = 0xb

	lvtReadOnly = 1<<12 | 1<<14
)

// lvtBits are the writable bits of each LVT entry.
var lvtBits = [6]uint64{
	LVTTimer:   0x700ff,
	LVTThermal: 0x107ff,
	LVTPerf:    0x107ff,
	LVTLINT0:   0x1a7ff,
	LVTLINT1:   0x1a7ff,
	LVTError:   0x100ff,
}

// WriteMSR writes an x2APIC register; false asks for #GP. now is the guest's TSC.
//
//go:nosplit
func (s *State) WriteMSR(t *tx.Log, msr uint32, val, now uint64) (Effect, bool) {
	if !s.X2() {
		return Effect{}, false
	}
	reg := msr - FirstMSR
	if reg == regICR {
		return s.command(t, val, icrReserved)
	}
	if val>>32 != 0 {
		return Effect{}, false
	}
	switch reg {
	case regEOI:
		if val != 0 {
			return Effect{}, false
		}
	case regTPR:
		if val > 0xff {
			return Effect{}, false
		}
	case regESR:
		if val != 0 {
			return Effect{}, false
		}
	case regSVR:
		if val&^svrBits != 0 {
			return Effect{}, false
		}
	case regDivide:
		if val&^divideBits != 0 {
			return Effect{}, false
		}
	case regSelfIPI:
		if val > 0xff {
			return Effect{}, false
		}
		s.self(t, val)
		return Effect{}, true
	case regInitialCount:
	default:
		if reg < regLVTTimer || reg > regLVTError || val&^(lvtBits[(reg-regLVTTimer)%6]|lvtReadOnly) != 0 {
			return Effect{}, false
		}
	}
	return s.write(t, reg, val, now), true
}

// WriteMMIO writes the four bytes at an offset into the page at BaseAddress,
// in xAPIC mode. Reserved bits and what is no register are ignored.
//
//go:nosplit
func (s *State) WriteMMIO(t *tx.Log, off uint64, val uint32, now uint64) Effect {
	if off&0xf != 0 || off >= 0x400 || !s.X1() {
		return Effect{}
	}
	v := uint64(val)
	switch reg := uint32(off >> 4); reg {
	case regLDR:
		t.Set(&s.LDR, v&0xff000000)
	case regDFR:
		t.Set(&s.DFR, v|0x0fffffff)
	case regICRHigh:
		t.Set(&s.ICR, s.ICR&0xffffffff|v&0xff000000<<32)
	case regICR:
		e, _ := s.command(t, s.ICR&^0xffffffff|v&^icrReserved, 0)
		return e
	default:
		return s.write(t, reg, v, now)
	}
	return Effect{}
}

// write writes what both modes have at the same number, and drops reserved bits.
//
//go:nosplit
func (s *State) write(t *tx.Log, reg uint32, val, now uint64) Effect {
	switch reg {
	case regEOI:
		return s.WriteEOI(t)
	case regTPR:
		t.Set(&s.TPR, val&0xff)
	case regSVR:
		s.writeSVR(t, val&svrBits)
	case regESR:
		e := s.Errors
		t.Set(&s.ESR, e)
		t.Clear(&s.Errors, e)
	case regInitialCount:
		return s.writeCount(t, val, now)
	case regDivide:
		return s.writeDivide(t, val&divideBits, now)
	case regLVTTimer:
		return s.writeTimer(t, s.mask(val)&lvtBits[LVTTimer], now)
	default:
		if i := reg - regLVTTimer; i < 6 {
			t.Set(&s.LVT[i], s.mask(val)&lvtBits[i])
		}
	}
	return Effect{}
}

// mask returns an LVT value with the mask bit that a disabled APIC forces.
//
//go:nosplit
func (s *State) mask(val uint64) uint64 {
	if s.SVR&SVREnable == 0 {
		return val | LVTMasked
	}
	return val
}

// writeSVR writes the spurious vector register; software disable masks all
// local interrupts.
//
//go:nosplit
func (s *State) writeSVR(t *tx.Log, val uint64) {
	t.Set(&s.SVR, val)
	if val&SVREnable == 0 {
		for i := range s.LVT {
			t.Or(&s.LVT[i], LVTMasked)
		}
	}
}

// fail notes an error and, the first time, asks for the error interrupt.
//
//go:nosplit
func (s *State) fail(t *tx.Log, bit uint64) {
	if s.Errors&bit != 0 {
		return
	}
	t.Or(&s.Errors, bit)
	if lvt := s.LVT[LVTError]; lvt&LVTMasked == 0 && lvt&0xff >= firstVector {
		s.Note(t, lvt&0xff, false)
	}
}
