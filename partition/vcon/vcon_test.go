//go:build !metal

package vcon

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/partition/tx"
	"perdure/partition/virtio"
	"perdure/partition/virtio/driver"
)

// bench is a console with a guest's driver.
type bench struct {
	d virtio.Device
	s State
	l tx.Log
	c virtio.Chain
	g *driver.Guest
}

func newBench(t testing.TB) *bench {
	b := &bench{}
	Init(&b.d)
	b.g = driver.New(t, &b.d)
	b.g.Start()
	return b
}

// hear takes what the guest says until there is nothing more.
func (b *bench) hear() (said string, found virtio.State) {
	for {
		n, found := b.s.Transmit(&b.g.RAM, &b.d, &b.c)
		if found != virtio.Request {
			return said, found
		}
		for i := range n {
			said += string(rune(b.s.Byte(i)))
		}
		done := b.s.Listened(&b.l, &b.d, &b.c, n)
		b.l.Apply()
		if done {
			b.d.Queue[QueueTransmit].Publish(&b.g.RAM)
		}
	}
}

func TestTransmit(t *testing.T) {
	b := newBench(t)
	long := strings.Repeat("0123456789", 33)
	b.g.Ask(QueueTransmit, driver.Part{Bytes: []byte("hello")})
	b.g.Ask(QueueTransmit, driver.Part{Bytes: []byte(long)}, driver.Part{Bytes: []byte(" world")})
	b.g.Ask(QueueTransmit, driver.Part{Bytes: []byte{}})
	said, found := b.hear()
	assert.Equal(t, virtio.Empty, found)
	assert.Equal(t, "hello"+long+" world", said)
	for range 3 {
		_, got, ok := b.g.Answered(QueueTransmit)
		assert.True(t, ok)
		assert.Empty(t, got)
	}
	assert.Zero(t, b.s.Said)

	b.g.Ask(QueueTransmit, driver.Part{Bytes: []byte(long)})
	n, _ := b.s.Transmit(&b.g.RAM, &b.d, &b.c)
	assert.False(t, b.s.Listened(&b.l, &b.d, &b.c, n))
	b.l.Apply()
	assert.EqualValues(t, Piece, b.s.Said)
	b.s.Reset()
	b.g.Start()
	b.g.Ask(QueueTransmit, driver.Part{Bytes: []byte("x")})
	said, _ = b.hear()
	assert.Equal(t, "x", said, "a reset forgets how far the last request had come")

	b.s.Said = 1000 // of a request that the guest has made shorter meanwhile
	b.g.Ask(QueueTransmit, driver.Part{Bytes: []byte("y")})
	_, found = b.hear()
	assert.Equal(t, virtio.Empty, found)

	b.g.Spoil(QueueTransmit)
	_, found = b.hear()
	assert.Equal(t, virtio.Bad, found)
}

func TestReceive(t *testing.T) {
	b := newBench(t)
	_, found := b.s.Room(&b.g.RAM, &b.d, &b.c)
	assert.Equal(t, virtio.Empty, found)
	b.g.Ask(QueueReceive, driver.Part{Room: 3})
	b.g.Ask(QueueReceive, driver.Part{Room: 4096})
	for _, c := range []struct {
		room uint64
		text string
	}{{3, "abc"}, {Piece, strings.Repeat("d", Piece)}} {
		n, found := b.s.Room(&b.g.RAM, &b.d, &b.c)
		assert.Equal(t, virtio.Request, found)
		assert.Equal(t, c.room, n)
		for i := range n {
			b.s.SetByte(i, c.text[i])
		}
		require.True(t, b.s.Receive(&b.l, &b.g.RAM, &b.d, &b.c, n))
		b.l.Apply()
		b.d.Queue[QueueReceive].Publish(&b.g.RAM)
		_, got, ok := b.g.Answered(QueueReceive)
		assert.True(t, ok)
		assert.Equal(t, c.text, string(got))
	}
	b.g.Ask(QueueReceive, driver.Part{Bytes: []byte("for the device")})
	_, found = b.s.Room(&b.g.RAM, &b.d, &b.c)
	assert.Equal(t, virtio.Bad, found, "a request without room")
}

func TestEventsAreBits(t *testing.T) {
	var s State
	s.Post(3)
	s.Post(17)
	s.Post(3)
	assert.EqualValues(t, 1<<3|1<<17, s.Events)
	s.Reset()
	assert.EqualValues(t, 1<<3|1<<17, s.Events, "the next driver hears them")
	saved := s.Save(nil)
	var n State
	require.NoError(t, n.Load(saved))
	assert.Equal(t, s, n)
	assert.Equal(t, saved, n.Save(nil))
	assert.Error(t, n.Load(saved[:8]))
}

// FuzzConsole has a guest say and hear what it likes, after a state was loaded
// that may be any.
func FuzzConsole(f *testing.F) {
	f.Add([]byte{0, 5, 1, 7, 2, 9, 3, 0, 4, 1}, uint64(0), uint64(0))
	b := newBench(f)
	f.Fuzz(func(t *testing.T, in []byte, said, events uint64) {
		b.g.Start()
		state := State{Said: said, Events: events}
		require.NoError(t, b.s.Load(state.Save(nil)))
		for ; len(in) >= 2; in = in[2:] {
			switch n := int(in[1]); in[0] % 5 {
			case 0:
				b.g.Ask(QueueTransmit, driver.Part{Bytes: make([]byte, n)})
				b.hear()
			case 1:
				b.g.Ask(QueueReceive, driver.Part{Room: n * 40})
			case 2:
				if room, found := b.s.Room(&b.g.RAM, &b.d, &b.c); found == virtio.Request {
					if room > Piece || !b.s.Receive(&b.l, &b.g.RAM, &b.d, &b.c, room) {
						t.Fatal("no room after all")
					}
					b.l.Apply()
				}
			case 3:
				b.g.Spoil(n & 1)
				b.hear()
			case 4:
				b.s.Post(uint64(n))
			}
			if b.s.Said != 0 && b.s.Said >= b.c.Readable && b.s.Said != said {
				t.Fatalf("%d of %d bytes", b.s.Said, b.c.Readable)
			}
		}
	})
}
