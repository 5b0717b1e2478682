package ioapic

import "perdure/partition/device"

// saved is the version of what Save writes.
const saved = 1

// words returns what an I/O APIC consists of.
func (s *State) words() []*uint64 {
	w := []*uint64{&s.ID, &s.Pins, &s.GSI, &s.Select}
	for _, list := range [][]uint64{s.Low[:], s.High[:], s.Remote[:], s.Line[:], s.Backed[:]} {
		w = append(w, device.Refs(list)...)
	}
	return w
}

// Save appends what s is.
func (s *State) Save(to []byte) []byte { return device.Save(to, saved, s.words()) }

// Load makes s what Save wrote. The lines of backed pins are to be programmed
// anew then.
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

// possible reports whether an I/O APIC can have come to this state.
func (s *State) possible() bool {
	if s.Pins == 0 || s.Pins > MaxPins || s.Select > 0xff || (s.ID|s.GSI)>>32 != 0 {
		return false
	}
	for pin := uint64(0); pin < 64*uint64(len(s.Remote)); pin++ {
		there := pin < s.Pins
		if !there && (s.has(&s.Remote, pin) || s.has(&s.Line, pin) || s.has(&s.Backed, pin)) {
			return false
		}
		if there && s.has(&s.Remote, pin) && !level(s.Low[pin]) {
			return false
		}
	}
	for pin := range s.Low {
		if s.Low[pin]&^rteWritable != 0 || s.High[pin]&^0xff000000 != 0 {
			return false
		}
	}
	return true
}
