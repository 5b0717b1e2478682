package lapic

import (
	"encoding/binary"
	"testing"

	"perdure/partition/tx"
)

// check is what holds after any access.
func check(t *testing.T, s *State) {
	if (s.IRR[0]|s.ISR[0]|s.TMR[0])&0xffff != 0 {
		t.Fatalf("a vector below 16 is pending or in service: %#x %#x %#x", s.IRR[0], s.ISR[0], s.TMR[0])
	}
	if m := s.Base & baseModes; m == BaseX2 {
		t.Fatalf("IA32_APIC_BASE %#x", s.Base)
	}
	if v := s.Highest(); v >= 0 && uint64(v)>>4 <= s.PPR()>>4 {
		t.Fatalf("highest %#x is not above %#x", v, s.PPR())
	}
	if s.SVR&SVREnable == 0 {
		for i, v := range s.LVT {
			if v&LVTMasked == 0 {
				t.Fatalf("LVT %d is open while disabled", i)
			}
		}
	}
	for i, v := range s.LVT {
		if v&^lvtBits[i] != 0 {
			t.Fatalf("LVT %d is %#x", i, v)
		}
	}
	if s.TPR > 0xff || s.SVR&^svrBits != 0 || s.Divide&^divideBits != 0 || s.InitialCount>>32 != 0 {
		t.Fatalf("reserved bits are set: %+v", *s)
	}
}

// FuzzLAPIC makes accesses that a guest, a device and time could make, in any order.
func FuzzLAPIC(f *testing.F) {
	f.Add([]byte{0, 0x0f, 0xff, 1, 0, 0, 0, 0, 0, 0, 2, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{6, 0, 0, 0x0c, 0xe0, 0xfe, 0, 0, 0, 0, 0, 0x32, 0x40, 0, 2, 0, 0, 0, 0, 0, 0, 0x38, 9, 0, 0, 0, 0, 0, 0, 0, 5, 0, 9, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		var s State
		var l tx.Log
		s.Reset(5, false)
		if len(in)%2 == 0 {
			s.WriteBase(&l, BaseAddress|BaseEnable|BaseX2)
			l.Apply()
		}
		now := uint64(1)
		for ; len(in) >= 10; in = in[10:] {
			reg, val := in[1], binary.LittleEndian.Uint64(in[2:])
			was := s
			ok := true
			switch in[0] % 10 {
			case 0, 1:
				_, ok = s.WriteMSR(&l, FirstMSR+uint32(reg), val, now)
			case 2:
				s.WriteMMIO(&l, uint64(reg)<<4, uint32(val), now)
			case 3:
				s.Request(val, reg&1 != 0)
			case 4:
				if v := s.Highest(); v >= 0 {
					s.Accept(uint64(v))
				}
			case 5:
				now += val % (1 << 40)
				s.Expire(&l, now)
			case 6:
				ok = s.WriteBase(&l, val)
			case 7:
				ok = s.WriteCR8(&l, val)
			case 8:
				s.SetTSCDeadline(&l, val, now)
			case 9:
				s.Match(uint32(val), reg&1 != 0)
				s.ReadMMIO(val, now)
				s.ReadMSR(uint32(val), now)
				s.NextDeadline()
			}
			if !ok && (l.N != 0 || s != was) {
				t.Fatalf("refused, and changed: op %d reg %#x val %#x", in[0]%10, reg, val)
			}
			if l.N > 16 {
				t.Fatalf("%d entries of %d in one access", l.N, tx.MaxEntries)
			}
			l.Apply()
			s.Settle()
			check(t, &s)
		}
	})
}
