// Package savetest holds devices to what device.Device promises, for their tests.
//
// The one idea: what holds for every device is tested by one piece of code; a
// device's own test says only what it is, and what it cannot be.
package savetest

import (
	"bytes"
	"testing"

	"perdure/partition/device"
)

// Check saves s and loads it again, and makes sure that it is refused, with
// nothing changed, after any of spoil and when what was saved is damaged.
func Check[S comparable, D interface {
	*S
	device.Device
}](t *testing.T, s S, spoil ...func(*S)) {
	t.Helper()
	saved := D(&s).Save([]byte("before"))[6:]
	var n S
	if err := D(&n).Load(saved); err != nil || n != s || !bytes.Equal(D(&n).Save(nil), saved) {
		t.Errorf("%v\n%+v\n%+v", err, n, s)
	}
	for i, f := range spoil {
		b := s
		f(&b)
		if err := D(&n).Load(D(&b).Save(nil)); err == nil || n != s {
			t.Errorf("spoilt state %d: %v, %+v", i, err, n)
		}
	}
	for _, b := range [][]byte{nil, saved[1:], append([]byte{9}, saved[1:]...), append(saved, 0)} {
		if D(&n).Load(b) == nil || n != s {
			t.Errorf("loaded from %d bytes, the first %v", len(b), b[:min(len(b), 1)])
		}
	}
}
