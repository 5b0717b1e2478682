//go:build !metal

package net

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLearning(t *testing.T) {
	w := newWorld(t)
	s := &w.Switch
	const other = 0x00aabbccdd02
	_, ok := s.find(other, 0, 60)
	assert.False(t, ok, "not known yet")
	require.True(t, s.learn(other, 1, 10))
	at, ok := s.find(other, 0, 60)
	assert.True(t, ok)
	assert.EqualValues(t, 1, at)
	_, ok = s.find(other, 7, 60)
	assert.False(t, ok, "another group")
	require.True(t, s.learn(other, 2, 20), "it may move")
	at, _ = s.find(other, 0, 60)
	assert.EqualValues(t, 2, at)
	assert.Equal(t, []uint64{0, 1}, []uint64{s.Learned(1), s.Learned(2)})

	_, ok = s.find(other, 0, s.Age+21)
	assert.False(t, ok, "too long ago")
	assert.False(t, s.learn(mac(3), 1, 30), "a card's own address stays")
	at, _ = s.find(mac(3), 0, 60)
	assert.EqualValues(t, 3, at)
	require.True(t, s.learn(mac(3), 3, 40))
	assert.False(t, s.learn(mac(3), 1, 50))

	s.Down(2, 0)
	_, ok = s.find(other, 0, 60)
	assert.False(t, ok, "forgotten with its port")
}

func TestPlugTakesItsAddress(t *testing.T) {
	w := newWorld(t)
	s := &w.Switch
	require.True(t, s.learn(0xa2, 1, 10))
	require.True(t, s.Plug(9, 0xa2, 0, DefaultMTU))
	at, _ := s.find(0xa2, 0, 60)
	assert.EqualValues(t, 9, at)
	assert.False(t, s.learn(0xa2, 1, 20))
	for _, c := range []struct{ i, mac, group, mtu uint64 }{
		{10, 0xa2, 0, DefaultMTU}, {10, 0xa3, 0, DefaultMTU}, {10, 0, 0, DefaultMTU}, {10, 1 << 48, 0, DefaultMTU},
		{10, 0xb2, 0, MinMTU - 1}, {10, 0xb2, 0, MaxMTU + 1}, {MaxPorts, 0xb2, 0, DefaultMTU},
	} {
		assert.False(t, s.Plug(c.i, c.mac, c.group, c.mtu), "%+v", c)
	}
	assert.True(t, s.Plug(10, 0xa2, 1, DefaultMTU), "the same address on another Ethernet")
	s.Unplug(10)
	assert.Equal(t, Port{}, s.Port[10])
}

func TestChoose(t *testing.T) {
	w := newWorld(t)
	for _, chance := range []uint64{0, 1, 2, ^uint64(0), 0x123456789abcdef0} {
		a := w.Switch.Choose(chance, 0)
		require.True(t, w.Switch.Plug(5, a, 0, DefaultMTU))
		b := w.Switch.Choose(chance, 0)
		assert.NotEqual(t, a, b)
		assert.EqualValues(t, 2, a&3, "local, and nobody's group")
		w.Switch.Unplug(5)
	}
}

// TestFloodOfAddresses has one guest send from many addresses: others keep theirs.
func TestFloodOfAddresses(t *testing.T) {
	w := newWorld(t)
	s := &w.Switch
	require.True(t, s.learn(mac(0), 0, 1))
	for k := range uint64(mostRoot - 1) {
		require.True(t, s.learn(0x1000000+k<<1, Root, 2))
	}
	before := s.Learned(Root)
	assert.Greater(t, before, uint64(40))
	for k := range uint64(10000) {
		s.learn(0x2000000+k<<1, 1, 3+k)
	}
	assert.LessOrEqual(t, s.Learned(1), uint64(mostGuest))
	assert.GreaterOrEqual(t, s.Learned(Root), before-mostGuest)
	at, ok := s.find(mac(0), 0, 60)
	assert.True(t, ok && at == 0)
	for k := range uint64(1000) { // root's old ones make room
		require.True(t, s.learn(0x3000000+k<<1, 2, s.Age+100))
	}
	assert.LessOrEqual(t, s.Learned(2), uint64(mostGuest))
}
