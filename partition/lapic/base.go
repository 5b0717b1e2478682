package lapic

import "perdure/partition/tx"

// Bits of IA32_APIC_BASE. SDM Vol. 3A, "x2APIC Register Availability" and
// "x2APIC State Transitions".
const (
	BaseBSP    = 1 << 8
	BaseX2     = 1 << 10
	BaseEnable = 1 << 11

	BaseAddress = 0xfee00000

	baseModes = BaseX2 | BaseEnable
)

// X2 reports whether s is in x2APIC mode: registers are MSRs.
//
//go:nosplit
func (s *State) X2() bool { return s.Base&baseModes == baseModes }

// X1 reports whether s is in xAPIC mode: registers are memory at BaseAddress.
//
//go:nosplit
func (s *State) X1() bool { return s.Base&baseModes == BaseEnable }

// ReadBase reads IA32_APIC_BASE.
//
//go:nosplit
func (s *State) ReadBase() uint64 { return s.Base }

// WriteBase writes IA32_APIC_BASE; false asks for #GP. The registers stay at
// BaseAddress: another address is refused, as is each mode change that the
// manual forbids. The boot-processor bit cannot be changed.
//
//go:nosplit
func (s *State) WriteBase(t *tx.Log, val uint64) bool {
	if val&^(baseModes|BaseBSP) != BaseAddress {
		return false
	}
	from, to := s.Base&baseModes, val&baseModes
	if from == to {
		return true
	}
	switch {
	case to == BaseX2: // extended without enabled
		return false
	case from == 0 && to == baseModes: // disabled to x2APIC in one step
		return false
	case from == baseModes && to == BaseEnable: // x2APIC back to xAPIC
		return false
	case to == 0:
		t.Or(&s.Due, DueInit)
	}
	t.Set(&s.Base, s.Base&^baseModes|to)
	return true
}
