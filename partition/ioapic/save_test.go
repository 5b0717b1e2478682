package ioapic

import (
	"bytes"
	"testing"

	"perdure/partition/device/savetest"
	"perdure/partition/tx"
)

// busy returns a device in the middle of its life.
func busy() (s State) {
	s.Reset(1, 24, 0)
	s.Back(3)
	s.Low[3], s.High[3], s.Remote[0], s.Line[0] = 0x8031, 1<<24, 8, 8
	return s
}

func TestSave(t *testing.T) {
	savetest.Check(t, busy(),
		func(s *State) { s.Pins = 0 },
		func(s *State) { s.Pins = MaxPins + 1 },
		func(s *State) { s.Select = 0x100 },
		func(s *State) { s.Low[3] = 0x31 },
		func(s *State) { s.Low[119] = 1 << 14 },
		func(s *State) { s.High[0] = 1 },
		func(s *State) { s.Backed[3] = 1 },
		func(s *State) { s.Line[1] = 1 },
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
		s.Write(&l, offSelect, uint32(reg))
		l.Apply()
		s.Write(&l, offWindow, uint32(val))
		l.Apply()
		s.Interrupt(&l, val)
		l.Apply()
		if e, ok := s.EOI(&l, reg, 0); ok && e.Pin >= s.Pins {
			t.Fatalf("EOI at pin %d of %d", e.Pin, s.Pins)
		}
		l.Apply()
		if n := s.Save(nil); s.Load(n) != nil {
			t.Fatalf("an access leads to %+v", s)
		}
	})
}
