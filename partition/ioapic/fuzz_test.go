package ioapic

import (
	"encoding/binary"
	"testing"

	"perdure/partition/tx"
)

// FuzzIOAPIC makes accesses that a guest and devices could make, in any order.
func FuzzIOAPIC(f *testing.F) {
	f.Add([]byte{24, 0, 0, 0x10, 0, 0, 0, 1, 0x10, 0x51, 0x80, 0, 0, 2, 0, 0, 0, 0, 0, 6, 0, 0x51, 0, 0, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) == 0 {
			return
		}
		var s State
		var l tx.Log
		s.Reset(0, uint64(in[0])%MaxPins+1, 0)
		s.Back(3)
		for in = in[1:]; len(in) >= 6; in = in[6:] {
			at, val := in[1], binary.LittleEndian.Uint32(in[2:])
			switch in[0] % 8 {
			case 0:
				s.Write(&l, offSelect, uint32(at))
			case 1:
				s.Write(&l, offWindow, val)
			case 2:
				s.Interrupt(&l, uint64(at))
			case 3:
				s.Assert(&l, uint64(at))
			case 4:
				s.Deassert(&l, uint64(at))
			case 5:
				s.Pulse(&l, uint64(val))
			case 6:
				if e, ok := s.EOI(&l, at, 0); ok && e.Pin >= s.Pins {
					t.Fatalf("EOI at pin %d of %d", e.Pin, s.Pins)
				}
			case 7:
				s.Read(val)
				s.Read(offWindow)
				s.Physical(uint64(at))
				s.Destination(uint64(at))
				s.Write(&l, val, val)
			}
			if l.N > 4 {
				t.Fatalf("%d entries in one access", l.N)
			}
			l.Apply()
			for pin := uint64(0); pin < MaxPins; pin++ {
				low := s.Low[pin]
				remote := s.has(&s.Remote, pin)
				if low&^rteWritable != 0 || s.High[pin]&^0xff000000 != 0 {
					t.Fatalf("pin %d: reserved bits in %#x %#x", pin, low, s.High[pin])
				}
				if remote && !level(low) {
					t.Fatalf("pin %d waits for an EOI and is an edge", pin)
				}
				if p := s.Physical(pin); !p.Masked && (remote && p.Level || !deliverable(low)) {
					t.Fatalf("pin %d: line open, entry %#x, remote %v", pin, low, remote)
				}
			}
		}
	})
}
