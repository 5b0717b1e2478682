package pm

import (
	"bytes"
	"testing"

	"perdure/partition/device/savetest"
	"perdure/partition/tx"
)

// busy returns a device in the middle of its life.
func busy() (s State) {
	s.Reset()
	s.Status, s.Enable = PowerButton, PowerButton
	return s
}

func TestSave(t *testing.T) {
	savetest.Check(t, busy(),
		func(s *State) { s.Status = 1 },
		func(s *State) { s.Enable = 2 },
		func(s *State) { s.Control = 0 },
		func(s *State) { s.Control |= sleepEnable },
	)
}

// FuzzLoad loads anything, and uses what was accepted.
func FuzzLoad(f *testing.F) {
	s := busy()
	f.Add(s.Save(nil), uint8(1), uint64(1))
	f.Fuzz(func(t *testing.T, in []byte, reg uint8, val uint64) {
		var s State
		var l tx.Log
		if s.Load(in) != nil {
			return
		}
		if !bytes.Equal(in, s.Save(nil)) {
			t.Fatal("saved, it is something else")
		}
		s.Write(&l, uint32(reg), uint8(val), uint32(val>>8))
		l.Apply()
		s.Read(uint32(reg), 4)
		if n := s.Save(nil); s.Load(n) != nil {
			t.Fatalf("an access leads to %+v", s)
		}
	})
}
