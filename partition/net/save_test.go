//go:build !metal

package net

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/partition/device"
)

var _ device.Device = (*Port)(nil)

func TestSaveAndLoad(t *testing.T) {
	w := newWorld(t)
	w.transmit(0, 0, frame(mac(1), mac(0), "x"))
	w.Switch.Send(0, 0, 1)
	p := &w.Switch.Port[0]
	require.NotZero(t, p.Sent.Left)
	saved := p.Save(nil)
	var n Port
	require.NoError(t, n.Load(saved))
	assert.Equal(t, *p, n)
	assert.Equal(t, saved, n.Save(nil))
	n.Reset()
	assert.Equal(t, Port{Exists: 1, MAC: mac(0), MTU: DefaultMTU}, n)
	require.Error(t, n.Load(saved[:len(saved)-1]))
	for _, spoil := range []func(*Port){
		func(p *Port) { p.Exists = 0 }, func(p *Port) { p.Exists = 2 }, func(p *Port) { p.MAC |= multi },
		func(p *Port) { p.Sent.Left = 1 << MaxPorts }, func(p *Port) { p.Sent.Size = 1 << 40 }, func(p *Port) { p.Put.From = MaxPorts },
		func(p *Port) { p.Put.Busy, p.Put.Size = 1, 1<<32 }, func(p *Port) { p.Put.Head = 1 << 16 }, func(p *Port) { p.MTU = 0 },
	} {
		q := *p
		spoil(&q)
		before := n
		assert.ErrorIs(t, n.Load(q.Save(nil)), device.ErrState)
		assert.Equal(t, before, n)
	}
}

// FuzzLoad loads a port from anything, and lets it and its neighbours send.
func FuzzLoad(f *testing.F) {
	w := newWorld(f)
	w.transmit(0, 0, frame(mac(1), mac(0), "x"))
	w.Switch.Send(0, 0, 1)
	f.Add(w.Switch.Port[0].Save(nil))
	f.Add(w.Switch.Port[1].Save(nil))
	f.Fuzz(func(t *testing.T, in []byte) {
		w := newWorld(t)
		s := &w.Switch
		if s.Port[0].Load(in) != nil {
			return
		}
		require.Equal(t, in, s.Port[0].Save(nil))
		s.Repair()
		for i := range uint64(guests) {
			w.post(i, 0, 4)
			w.transmit(i, 0, frame(everyone, mac(i), "x"))
			s.Send(i, 0, 1)
		}
		s.Down(0, 0)
	})
}
