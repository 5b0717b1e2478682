package pic

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/partition/tx"
)

// FuzzPIC makes accesses that a guest and devices could make, in any order, and
// saves and loads in between.
func FuzzPIC(f *testing.F) {
	f.Add([]byte{0, 0x11, 1, 0x20, 1, 4, 1, 1, 8, 3, 11, 0, 0, 0x20})
	f.Add([]byte{4, 0xff, 9, 5, 0, 0x0c, 6, 0, 7, 1, 10, 5})
	f.Fuzz(func(t *testing.T, in []byte) {
		ports := [...]uint16{portMaster, portMaster + 1, portSlave, portSlave + 1, portEdge, portEdge + 1}
		var s State
		var l tx.Log
		s.Reset()
		for ; len(in) >= 2; in = in[2:] {
			val := in[1]
			switch op := in[0] % 12; op {
			case 0, 1, 2, 3, 4, 5:
				s.Write(&l, ports[op], val)
			case 6, 7:
				s.Read(&l, ports[val%6])
			case 8:
				s.Pulse(&l, uint64(val))
			case 9:
				s.Assert(&l, uint64(val))
			case 10:
				s.Deassert(&l, uint64(val))
			case 11:
				s.Acknowledge(&l)
			}
			assert.LessOrEqual(t, l.N, uint64(3))
			l.Apply()
			assert.True(t, s.valid(), "%+v", s)
			s.Wants()
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
	s.Reset()
	f.Add(s.Save(nil))
	f.Fuzz(func(t *testing.T, in []byte) {
		was := s
		n := s
		if n.Load(in) != nil {
			assert.Equal(t, was, n, "refused, and changed")
			return
		}
		assert.Equal(t, in, n.Save(nil))
		n.Wants()
		var l tx.Log
		n.Acknowledge(&l)
		l.Apply()
		assert.True(t, n.valid())
	})
}
