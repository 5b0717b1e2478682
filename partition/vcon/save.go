package vcon

import "perdure/partition/device"

// saved is the version of what Save writes.
const saved = 1

// words returns what a console is. A piece is nothing at rest.
func (s *State) words() []*uint64 { return []*uint64{&s.Said, &s.Events} }

// Save appends what s is.
func (s *State) Save(to []byte) []byte { return device.Save(to, saved, s.words()) }

// Load makes s what Save wrote. Any two numbers will do: how much was said is
// held against the request.
func (s *State) Load(from []byte) error {
	var n State
	if err := device.Load(from, saved, n.words()); err != nil {
		return err
	}
	*s = n
	return nil
}
