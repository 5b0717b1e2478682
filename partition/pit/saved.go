package pit

import (
	"encoding/binary"
	"errors"
)

// version of what Save writes.
const version = 1

var errSaved = errors.New("8254: the saved state is none")

// words returns what s consists of, in the order in which it is saved.
func (s *State) words() []*uint64 {
	w := []*uint64{&s.Hz, &s.Deadline, &s.Speaker}
	for i := range s.Counter {
		c := &s.Counter[i]
		w = append(w, &c.Mode, &c.Access, &c.BCD, &c.Reload, &c.Start, &c.Frozen, &c.Idle, &c.Low, &c.High, &c.Latch, &c.Status)
	}
	return w
}

// Save appends s, in little endian with a version before it.
func (s *State) Save(to []byte) []byte {
	to = binary.LittleEndian.AppendUint64(to, version)
	for _, w := range s.words() {
		to = binary.LittleEndian.AppendUint64(to, *w)
	}
	return to
}

// Load puts s into a state that Save wrote. What no device could be in is refused,
// and changes nothing.
func (s *State) Load(from []byte) error {
	var n State
	words := n.words()
	if len(from) != 8*(1+len(words)) || binary.LittleEndian.Uint64(from) != version {
		return errSaved
	}
	for i, w := range words {
		*w = binary.LittleEndian.Uint64(from[8*(i+1):])
	}
	if !n.valid() {
		return errSaved
	}
	*s = n
	return nil
}

// valid reports whether s can have come about.
func (s *State) valid() bool {
	for i := range s.Counter {
		c := &s.Counter[i]
		if c.Mode > 5 || c.Access == 0 || c.Access > 3 || c.BCD > 1 || c.Reload > full(c.BCD) || c.Idle > 1 || c.High > 1 {
			return false
		}
		if c.Low != 0 && c.Low>>8 != 1 || c.Status != 0 && c.Status>>8 != 1 || c.Latch>>18 != 0 {
			return false
		}
		if c.Latch != 0 && c.Latch&(latchLow|latchHigh) == 0 {
			return false
		}
	}
	return s.Hz >= Rate && s.Hz < 1<<40 && s.Speaker&^speakerKeeps == 0
}
