package pic

import (
	"testing"

	"perdure/partition/tx"
)

// TestLinux does what Linux does to find the pair and to set it up.
func TestLinux(t *testing.T) {
	var s State
	var l tx.Log
	w := func(port uint16, val uint8) { s.Write(&l, port, val); l.Apply() }
	want := func(port uint16, want uint8) {
		t.Helper()
		if got := s.Read(port); got != want {
			t.Errorf("port %#x reads %#x, want %#x", port, got, want)
		}
	}
	s.Reset()
	want(0x21, 0xff)
	w(0xa1, 0xff)
	w(0x21, 0xfb)
	want(0x21, 0xfb) // it is there
	w(0x21, 0xff)
	for i, port := range []uint16{0x20, 0xa0} {
		w(port, 0x11)
		want(port+1, 0) // ICW1 clears the mask
		w(port+1, uint8(0x30+8*i))
		w(port+1, []uint8{4, 2}[i])
		w(port+1, 1)
		w(port+1, 0xff)
		want(port+1, 0xff)
	}
	w(0x20, 0x0b) // OCW3: nothing is in service
	want(0x20, 0)
	w(0x20, 0x60) // OCW2
	w(0x21, 0xfe)
	want(0x21, 0xfe)
	want(0xa1, 0xff)
	w(0x4d0, 0xff)
	w(0x4d1, 0xff)
	want(0x4d0, 0xf8)
	want(0x4d1, 0xde)
	w(0x4d0, 0)
	want(0x4d1, 0xde)
}

func TestShortInitialisation(t *testing.T) {
	var s State
	var l tx.Log
	s.Reset()
	for _, v := range []uint8{0x12, 0x08, 0x55} { // single, no ICW4: the third byte is the mask
		port := uint16(0x21)
		if v == 0x12 {
			port = 0x20
		}
		s.Write(&l, port, v)
		l.Apply()
	}
	if got := s.Read(0x21); got != 0x55 {
		t.Errorf("mask is %#x", got)
	}
}

func TestHas(t *testing.T) {
	for port := range uint16(0x600) {
		want := port == 0x20 || port == 0x21 || port == 0xa0 || port == 0xa1 || port == 0x4d0 || port == 0x4d1
		if Has(port) != want {
			t.Errorf("port %#x: %v", port, !want)
		}
	}
}
