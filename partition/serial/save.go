package serial

import "perdure/partition/device"

// saved is the version of what Save writes.
const saved = 1

// words returns what a UART consists of.
func (s *State) words() []*uint64 {
	return append([]*uint64{&s.Regs, &s.Flags, &s.Head, &s.Tail}, device.Refs(s.Ring[:])...)
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

// possible reports whether a UART can have come to this state.
func (s *State) possible() bool {
	return s.queued() <= ringSize && s.Flags&^(FlagTHRE|FlagWait|FlagOverrun) == 0 && s.Regs>>(shiftDLM+8) == 0 &&
		get(s.Regs, shiftIER)&^ierBits == 0 && get(s.Regs, shiftMCR)&^mcrBits == 0 && get(s.Regs, shiftFCR)&^fcrKept == 0
}
