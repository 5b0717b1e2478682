package lapic

import (
	"bytes"
	"testing"

	"perdure/partition/device/savetest"
	"perdure/partition/tx"
)

// busy returns a device in the middle of its life.
func busy() (s State) {
	s.Reset(5, true)
	s.SVR, s.LVT[LVTTimer], s.IRR[1], s.TMR[1], s.Deadline = SVREnable|0xff, 0x20040, 4, 4, 77
	return s
}

func TestSave(t *testing.T) {
	savetest.Check(t, busy(),
		func(s *State) { s.IRR[0] = 1 },
		func(s *State) { s.Base = BaseAddress | BaseX2 },
		func(s *State) { s.LVT[LVTError] = 1 << 20 },
		func(s *State) { s.SVR = 0xff },
		func(s *State) { s.TPR = 0x100 },
		func(s *State) { s.Divide = 4 },
		func(s *State) { s.Due = 2 },
		func(s *State) { s.ICR = 1 << 13 },
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
		s.Settle()
		check(t, &s)
		s.WriteMMIO(&l, uint64(reg)<<4, uint32(val), 9)
		l.Apply()
		s.WriteMSR(&l, FirstMSR+uint32(reg), val, 9)
		l.Apply()
		s.Expire(&l, 10)
		l.Apply()
		s.Settle()
		check(t, &s)
		if n := s.Save(nil); s.Load(n) != nil {
			t.Fatalf("an access leads to %+v", s)
		}
	})
}
