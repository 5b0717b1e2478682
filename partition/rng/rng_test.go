//go:build !metal

package rng

import (
	"encoding/binary"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/partition/tx"
	"perdure/partition/virtio"
	"perdure/partition/virtio/driver"
)

// TestBlock has the first three vectors of RFC 8439, appendix A.1.
func TestBlock(t *testing.T) {
	for _, c := range []struct {
		last    byte // of the key, whose other bytes are 0
		counter uint32
		want    string
	}{
		{0, 0, "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7" +
			"da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"},
		{0, 1, "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed" +
			"29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"},
		{1, 1, "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a" +
			"8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0"},
	} {
		s := State{Key: [4]uint64{3: uint64(c.last) << 56}}
		s.block(c.counter)
		var b []byte
		for _, w := range s.Block {
			b = binary.LittleEndian.AppendUint64(b, w)
		}
		assert.Equal(t, c.want, hex.EncodeToString(b))
	}
}

func TestAnswers(t *testing.T) {
	var d virtio.Device
	var s State
	var l tx.Log
	var c virtio.Chain
	Init(&d)
	g := driver.New(t, &d)
	g.Start()
	s.Seed(&[4]uint64{1, 2, 3, 4})
	first := s
	given := map[string]bool{}
	for _, n := range []int{1, 8, 63, 64, 65, 255, 256, 257, 5000} {
		g.Ask(0, driver.Part{Room: n})
		require.Equal(t, virtio.Request, d.Queue[0].Peek(&g.RAM, &c))
		key := s.Key
		require.True(t, s.Answer(&l, &g.RAM, &d, &c))
		assert.Equal(t, key, s.Key, "nothing has changed before the commit")
		l.Apply()
		assert.NotEqual(t, key, s.Key)
		assert.Zero(t, s.Block, "and nothing is left of what was given")
		d.Queue[0].Publish(&g.RAM)
		_, got, ok := g.Answered(0)
		require.True(t, ok)
		assert.Len(t, got, min(n, Most))
		if n >= 8 {
			assert.False(t, given[string(got[:8])], "the same twice")
			given[string(got[:8])] = true
		}
	}
	g.Ask(0, driver.Part{Bytes: []byte("for the device")})
	require.Equal(t, virtio.Request, d.Queue[0].Peek(&g.RAM, &c))
	assert.False(t, s.Answer(&l, &g.RAM, &d, &c), "a request without room")
	assert.Zero(t, l.N)

	first.Seed(&[4]uint64{})
	assert.NotEqual(t, s.Key, first.Key)
	s.Reset()
	assert.NotZero(t, s.Key, "a reset does not make it known")
}

func TestSave(t *testing.T) {
	s := State{Key: [4]uint64{1, 2, 3, 4}, Given: 5}
	saved := s.Save(nil)
	var n State
	require.NoError(t, n.Load(saved))
	assert.Equal(t, s, n)
	assert.Equal(t, saved, n.Save(nil))
	assert.Error(t, n.Load(saved[1:]))
	assert.Equal(t, s, n)
}

func FuzzLoad(f *testing.F) {
	s := State{Key: [4]uint64{1, 2, 3, 4}, Given: 5}
	f.Add(s.Save(nil))
	f.Fuzz(func(t *testing.T, in []byte) {
		var n State
		if n.Load(in) == nil {
			assert.Equal(t, in, n.Save(nil))
			n.Seed(&[4]uint64{})
		}
	})
}
