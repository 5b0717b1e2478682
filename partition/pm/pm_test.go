package pm

import (
	"testing"

	"perdure/partition/tx"
)

func TestButton(t *testing.T) {
	var s State
	var l tx.Log
	s.Reset()
	if s.Press(&l) {
		t.Error("a button that nobody enabled interrupts")
	}
	l.Apply()
	if s.Read(0, 2) != PowerButton || s.High() {
		t.Errorf("status %#x, line %v", s.Read(0, 2), s.High())
	}
	e := s.Write(&l, 2, 2, PowerButton)
	l.Apply()
	if !e.High || !s.High() {
		t.Error("enabling a pending button does not interrupt")
	}
	e = s.Write(&l, 0, 4, PowerButton|PowerButton<<16) // both registers at once
	l.Apply()
	if e.High || s.High() || s.Read(2, 2) != PowerButton {
		t.Errorf("after acknowledging: %#x", s.Read(0, 4))
	}
}

func TestSleep(t *testing.T) {
	var s State
	var l tx.Log
	s.Reset()
	if s.Read(4, 2) != 1 {
		t.Error("SCI_EN is not set")
	}
	e := s.Write(&l, 4, 2, 5<<10)
	l.Apply()
	if e.Sleep {
		t.Error("a type alone sleeps")
	}
	e = s.Write(&l, 4, 2, 5<<10|1<<13)
	l.Apply()
	if !e.Sleep || e.Type != 5 {
		t.Errorf("%+v", e)
	}
	if s.Read(4, 2) != 5<<10|1 {
		t.Errorf("control %#x", s.Read(4, 2))
	}
}

func TestReset(t *testing.T) {
	var s State
	var l tx.Log
	if e := s.Write(&l, 8, 1, 1); !e.Reset || e.Value != 1 || e.Level {
		t.Errorf("%+v", e)
	}
	if s.Read(8, 1) != 0 {
		t.Error("the reset register reads")
	}
}
