package cmos

import "perdure/partition/device"

// saved is the version of what Save writes.
const saved = 1

// words returns what the clock consists of.
func (s *State) words() []*uint64 { return []*uint64{&s.Index} }

// Save appends what s is.
func (s *State) Save(to []byte) []byte { return device.Save(to, saved, s.words()) }

// Load makes s what Save wrote.
func (s *State) Load(from []byte) error {
	var n State
	if err := device.Load(from, saved, n.words()); err != nil {
		return err
	}
	if n.Index&^indexMask != 0 {
		return device.ErrState
	}
	*s = n
	return nil
}
