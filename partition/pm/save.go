package pm

import "perdure/partition/device"

// saved is the version of what Save writes.
const saved = 1

// words returns what the fixed hardware consists of.
func (s *State) words() []*uint64 { return []*uint64{&s.Status, &s.Enable, &s.Control} }

// Save appends what s is.
func (s *State) Save(to []byte) []byte { return device.Save(to, saved, s.words()) }

// Load makes s what Save wrote.
func (s *State) Load(from []byte) error {
	var n State
	if err := device.Load(from, saved, n.words()); err != nil {
		return err
	}
	if n.Status&^statusBits != 0 || n.Enable&^enableBits != 0 || n.Control>>16 != 0 || n.Control&(sleepEnable|sciEnable) != sciEnable {
		return device.ErrState
	}
	*s = n
	return nil
}
