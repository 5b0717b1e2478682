package rng

import "perdure/partition/device"

// saved is the version of what Save writes.
const saved = 1

// words returns what a generator is.
func (s *State) words() []*uint64 { return append(device.Refs(s.Key[:]), &s.Given) }

// Save appends what s is.
func (s *State) Save(to []byte) []byte { return device.Save(to, saved, s.words()) }

// Load makes s what Save wrote. Every key will do.
func (s *State) Load(from []byte) error {
	var n State
	if err := device.Load(from, saved, n.words()); err != nil {
		return err
	}
	*s = n
	return nil
}
