package pic

import (
	"encoding/binary"
	"errors"
)

// version of what Save writes.
const version = 1

// words of a saved state behind its version.
const words = 4

var errSaved = errors.New("8259: the saved state is none")

// Save appends s, in little endian with a version before it.
func (s *State) Save(to []byte) []byte {
	for _, w := range [...]uint64{version, s.Chip[master], s.Chip[slave], s.Edge, s.Line} {
		to = binary.LittleEndian.AppendUint64(to, w)
	}
	return to
}

// Load puts s into a state that Save wrote. What no device could be in is refused,
// and changes nothing.
func (s *State) Load(from []byte) error {
	if len(from) != 8*(1+words) || binary.LittleEndian.Uint64(from) != version {
		return errSaved
	}
	var w [words]uint64
	for i := range w {
		w[i] = binary.LittleEndian.Uint64(from[8*(i+1):])
	}
	n := State{Chip: [2]uint64{w[0], w[1]}, Edge: w[2], Line: w[3]}
	if !n.valid() {
		return errSaved
	}
	*s = n
	return nil
}

// valid reports whether s can have come about.
func (s *State) valid() bool {
	for _, w := range s.Chip {
		if step := get(w, stepShift); step == 1 || step > 4 {
			return false
		}
		if get(w, baseShift)&7 != 0 || get(w, lowShift) > 7 || get(w, flagShift)&^allFlags != 0 {
			return false
		}
	}
	return s.Edge&^edgeBits == 0 && s.Line>>16 == 0
}
