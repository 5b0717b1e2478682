package serial

import (
	"bytes"
	"testing"

	"perdure/partition/device/savetest"
	"perdure/partition/tx"
)

// busy returns a device in the middle of its life.
func busy() (s State) {
	s.Reset()
	s.Receive(65)
	s.Regs = put(put(s.Regs, shiftIER, 3), shiftMCR, 8)
	return s
}

func TestSave(t *testing.T) {
	savetest.Check(t, busy(),
		func(s *State) { s.Head = s.Tail + 1 },
		func(s *State) { s.Tail += ringSize },
		func(s *State) { s.Flags = 8 },
		func(s *State) { s.Regs = put(s.Regs, shiftIER, 16) },
		func(s *State) { s.Regs = put(s.Regs, shiftMCR, 32) },
		func(s *State) { s.Regs |= 1 << 63 },
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
		if s.queued() > ringSize {
			t.Fatalf("%d bytes wait", s.queued())
		}
		s.Write(&l, uint16(reg), uint8(val), val&256 != 0)
		l.Apply()
		s.Read(&l, uint16(reg), val&512 != 0)
		l.Apply()
		s.Receive(uint8(val))
		if n := s.Save(nil); s.Load(n) != nil {
			t.Fatalf("an access leads to %+v", s)
		}
	})
}
