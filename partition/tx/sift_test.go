package tx

import (
	"testing"
	"unsafe"
)

// What leads elsewhere goes, the rest stays and keeps its order.
func TestSift(t *testing.T) {
	var words [4]uint64
	from := uint64(uintptr(unsafe.Pointer(&words))) // SAFETY: only the number is used.
	var l Log
	l.Set(&words[0], 1)
	l.Or(&words[1], 2)
	l.E[2], l.E[3], l.N = Entry{8, 1}, Entry{from + 16 + 5, 1}, 4
	l.Set(&words[0], 3)
	l.Or(&words[3], 4)
	l.Clear(&words[3], 4)
	for range 2 {
		l.Sift(from, from+24)
		if l.N != 3 {
			t.Fatalf("%d entries", l.N)
		}
	}
	l.Apply()
	if words != [4]uint64{3, 2, 0, 0} {
		t.Errorf("%v", words)
	}
	l.N = 1 << 40
	if l.Sift(0, ^uint64(0)); l.N > MaxEntries {
		t.Errorf("%d entries", l.N)
	}
}
