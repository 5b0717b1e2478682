package pit

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/partition/tx"
)

// FuzzPIT makes accesses that a guest could make at any time, in any order, and
// saves and loads at the end.
func FuzzPIT(f *testing.F) {
	f.Add([]byte{3, 0x34, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 5, 0, 1, 0})
	f.Add([]byte{3, 0xb0, 0, 0, 4, 1, 0, 0, 2, 5, 1, 0, 2, 0, 9, 0, 6, 2, 0, 1})
	f.Fuzz(func(t *testing.T, in []byte) {
		ports := [...]uint16{0x40, 0x41, 0x42, 0x43, 0x61}
		var s State
		var l tx.Log
		now := uint64(1 << 30)
		s.Reset(2_600_000_000, now)
		for ; len(in) >= 4; in = in[4:] {
			now += uint64(binary.LittleEndian.Uint16(in[2:])) << (in[0] >> 4)
			switch op := in[0] & 7; op {
			case 0, 1, 2, 3, 4:
				s.Write(&l, ports[op], in[1], now)
			case 5:
				s.Expire(&l, now)
			default:
				s.Read(&l, ports[in[1]%5], now)
			}
			assert.LessOrEqual(t, l.N, uint64(12))
			l.Apply()
			assert.True(t, s.valid(), "%+v", s)
			if in[0]&7 == 5 && s.Deadline != 0 {
				assert.Greater(t, s.Deadline, now)
			}
		}
		saved := s.Save(nil)
		var again State
		assert.NoError(t, again.Load(saved))
		assert.Equal(t, s, again)
		assert.Equal(t, saved, again.Save(nil))
	})
}

// FuzzLoad loads anything; what is taken can be saved and used.
func FuzzLoad(f *testing.F) {
	var s State
	s.Reset(2_600_000_000, 1<<30)
	f.Add(s.Save(nil), uint64(1<<31))
	f.Fuzz(func(t *testing.T, in []byte, now uint64) {
		was := s
		n := s
		if n.Load(in) != nil {
			assert.Equal(t, was, n, "refused, and changed")
			return
		}
		assert.Equal(t, in, n.Save(nil))
		var l tx.Log
		for port := range uint16(0x62) {
			if Has(port) {
				n.Read(&l, port, now)
				l.Apply()
			}
		}
		n.Expire(&l, now)
		l.Apply()
		n.Write(&l, 0x43, 0xde, now)
		l.Apply()
		assert.True(t, n.valid())
	})
}
