package serial

import (
	"bytes"
	"testing"

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
	s := busy()
	saved := s.Save([]byte("before"))[6:]
	var n State
	if err := n.Load(saved); err != nil || n != s || !bytes.Equal(n.Save(nil), saved) {
		t.Errorf("%v\n%+v\n%+v", err, n, s)
	}
	for i, spoil := range []func(s *State){
		func(s *State) { s.Head = s.Tail + 1 },
		func(s *State) { s.Tail += ringSize },
		func(s *State) { s.Flags = 8 },
		func(s *State) { s.Regs = put(s.Regs, shiftIER, 16) },
		func(s *State) { s.Regs = put(s.Regs, shiftMCR, 32) },
		func(s *State) { s.Regs |= 1 << 63 },
	} {
		b := s
		spoil(&b)
		if err := n.Load(b.Save(nil)); err == nil || n != s {
			t.Errorf("spoilt state %d: %v, %+v", i, err, n)
		}
	}
	for _, b := range [][]byte{nil, saved[1:], append([]byte{9}, saved[1:]...), append(saved, 0)} {
		if n.Load(b) == nil || n != s {
			t.Errorf("loaded from %d bytes, the first %v", len(b), b[:min(len(b), 1)])
		}
	}
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
