package lapic

import "perdure/partition/device"

// saved is the version of what Save writes.
const saved = 1

// words returns what an APIC consists of.
func (s *State) words() []*uint64 {
	w := []*uint64{
		&s.ID, &s.Base, &s.TPR, &s.LDR, &s.DFR, &s.SVR, &s.ESR, &s.Errors, &s.ICR, &s.InitialCount, &s.Divide, &s.Deadline, &s.Due,
	}
	for _, list := range [][]uint64{s.LVT[:], s.IRR[:], s.ISR[:], s.TMR[:]} {
		w = append(w, device.Refs(list)...)
	}
	return w
}

// Save appends what s is.
func (s *State) Save(to []byte) []byte { return device.Save(to, saved, s.words()) }

// Load makes s what Save wrote.
func (s *State) Load(from []byte) error {
	var n State
	if err := device.Load(from, saved, n.words()); err != nil {
		return err
	}
	if !n.possible() {
		return device.ErrState
	}
	*s = n
	return nil
}

// possible reports whether an APIC can have come to this state.
func (s *State) possible() bool {
	none := (s.IRR[0] | s.ISR[0] | s.TMR[0]) & (1<<firstVector - 1) // bits that nobody sets
	none |= s.Base &^ (baseModes | BaseBSP | BaseAddress)
	none |= s.TPR&^0xff | s.SVR&^svrBits | s.Divide&^divideBits | s.Due&^DueInit | s.LDR&^0xff000000
	none |= (s.ID | s.DFR | s.InitialCount) >> 32
	none |= (s.ESR | s.Errors) &^ (ErrSendIllegal | ErrReceiveIllegal | ErrIllegalReg)
	none |= s.ICR & icrReserved
	for i, v := range s.LVT {
		none |= v &^ lvtBits[i]
		if s.SVR&SVREnable == 0 && s.Due == 0 {
			none |= ^v & LVTMasked
		}
	}
	return none == 0 && s.Base&^(baseModes|BaseBSP) == BaseAddress && s.Base&baseModes != BaseX2
}
