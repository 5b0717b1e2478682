package lapic

import "perdure/partition/tx"

// Bits of the ICR. SDM Vol. 3A, "Interrupt Command Register (ICR)". Bit 12 was
// the delivery status: dropped, reads 0.
const (
	icrStatus   = 1 << 12
	icrLogical  = 1 << 11
	icrAssert   = 1 << 14
	icrReserved = 0xfff00000 | 3<<16 | 1<<13
)

// command writes the ICR, which sends. False: a reserved bit is set.
//
//go:nosplit
func (s *State) command(t *tx.Log, val, reserved uint64) (Effect, bool) {
	if val&reserved != 0 {
		return Effect{}, false
	}
	val &^= icrStatus
	t.Set(&s.ICR, val)

	e := Effect{Kind: IPI, Vector: uint8(val), Mode: Mode(val >> 8 & 7), To: To(val >> 18 & 3), Logical: val&icrLogical != 0}
	switch e.Mode {
	case Fixed, Lowest:
		if e.Vector < firstVector {
			s.fail(t, ErrSendIllegal)
			return Effect{}, true
		}
	case NMI, StartUp:
	case INIT:
		if val&icrAssert == 0 { // level de-assert: processors of today ignore it
			return Effect{}, true
		}
	default:
		return Effect{}, true
	}
	if e.To == ToSelf {
		if e.Mode == Fixed {
			s.Note(t, val&0xff, false)
		}
		return Effect{}, true // no other mode may be sent to oneself
	}
	e.Dest = uint32(val >> 32)
	if !s.X2() {
		e.Dest = Widen(uint8(val>>56), e.Logical)
	}
	return e, true
}

// Widen turns the 8-bit destination of an xAPIC or of an I/O APIC into one for
// Match.
//
//go:nosplit
func Widen(dest uint8, logical bool) uint32 {
	if dest == 0xff && !logical {
		return Broadcast
	}
	return uint32(dest)
}

// self writes the self-IPI register.
//
//go:nosplit
func (s *State) self(t *tx.Log, vec uint64) {
	if vec < firstVector {
		s.fail(t, ErrSendIllegal)
		return
	}
	s.Note(t, vec, false)
}
