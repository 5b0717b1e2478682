//go:build !metal

package virtio

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzQueue lets a guest write what it likes into its queue, and serves what is
// found there.
func FuzzQueue(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0}, uint64(dataAt), uint64(16))
	f.Add([]byte{1, 0, 0, 2, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0}, uint64(top-16), uint64(descNext)<<32|16)
	b := live(f)
	f.Fuzz(func(t *testing.T, in []byte, a, rest uint64) {
		b.t = t
		b.d.Status = statusDriver &^ StatusFailed
		q := &b.d.Queue[0]
		*q = Queue{Max: size, Size: size, Ready: 1, Desc: descAt, Avail: availAt, Used: usedAt}
		for i := range uint64(2 * size) { // what an earlier run left
			b.m.Write(descAt+8*i, a^i*rest, 8)
		}
		for ; len(in) >= 7; in = in[7:] {
			place, val := uint64(in[1])|uint64(in[2])<<8, uint64(binary.LittleEndian.Uint32(in[3:]))
			switch in[0] % 6 {
			case 0:
				b.m.Write(availAt+2+2*(place%(size+1)), val, 2)
			case 1:
				b.m.Write(descAt+8*(place%(2*size)), a+val, 8)
			case 2:
				b.m.Write(descAt+8*(place%(2*size)), rest&0xffffffff|val<<32, 8)
			case 3:
				q.Next = val & 0xffff
			case 4:
				q.Desc, q.Avail = q.Desc^a&^15, q.Avail^rest&^1
			case 5:
				q.Desc, q.Avail = descAt, availAt
			}
			if b.peek() != Request {
				continue
			}
			checkChain(t, b)
			b.c.GetWord(&b.m, place, 8)
			b.c.Put(&b.m, place, at(0x50000), val%0x1000)
			b.c.PutByte(&b.m, place, 1)
			Move(&b.m, &b.c, place%64, &b.m, &b.c, place%77, val%0x1000)
			done, next := q.Done, q.Next
			q.Take(&b.l)
			q.Answer(&b.l, b.c.Head, b.c.Writable)
			b.l.Apply()
			if q.Done != (done+1)&0xffff || q.Next != (next+1)&0xffff || !q.Publish(&b.m) {
				t.Fatalf("%+v", q)
			}
		}
	})
}

// checkChain looks at what Peek let through.
func checkChain(t *testing.T, b *bench) {
	c := &b.c
	if c.N == 0 || c.N > MaxSegs || c.Out > c.N || c.Head >= size {
		t.Fatalf("%+v", c)
	}
	var readable, writable uint64
	for i := range c.N {
		s := c.Seg[i]
		if s.Len != 0 && (s.Addr >= top || s.Len > top-s.Addr) {
			t.Fatalf("segment %#x, %#x", s.Addr, s.Len)
		}
		if i < c.Out {
			readable += s.Len
		} else {
			writable += s.Len
		}
	}
	if readable != c.Readable || writable != c.Writable || readable+writable > MaxBytes {
		t.Fatalf("%d + %d bytes, said to be %d + %d", readable, writable, c.Readable, c.Writable)
	}
}

// FuzzRegisters makes accesses that a guest could make, in any order.
func FuzzRegisters(f *testing.F) {
	f.Add([]byte{4, 0x70, 3, 0, 0, 0, 4, 0x24, 1, 0, 0, 0, 4, 0x20, 1, 0, 0, 0, 4, 0x70, 11, 0, 0, 0, 4, 0x38, 8, 0, 0, 0, 4, 0x44, 1, 0, 0, 0, 4, 0x70, 15, 0, 0, 0, 4, 0x50, 0, 0, 0, 0})
	b := newBench(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		b.d.Init(Net, features, size, 2*size)
		for ; len(in) >= 6; in = in[6:] {
			width, off, val := in[0]&15, uint32(in[1])|uint32(in[0])>>4<<8, binary.LittleEndian.Uint32(in[2:])
			was := b.d
			e := b.d.Write(&b.l, off, width, uint64(val)|uint64(val)<<32)
			if b.l.N > 4 || b.d != was {
				t.Fatalf("write of %#x: %d entries", off, b.l.N)
			}
			b.l.Apply()
			if e == None && b.d.Kick != was.Kick {
				t.Fatalf("effect %v of %#x", e, off)
			}
			if b.d.Kick&KickReset != 0 {
				if b.d.Live() || b.r(regStatus) != 0 {
					t.Fatal("it is not reset")
				}
				b.d.Reset()
			}
			b.d.Read(off, width)
			if !b.d.possible() {
				t.Fatalf("after %#x = %#x: %+v", off, val, b.d)
			}
			if b.d.Live() && b.d.Accepted&Version1 == 0 {
				t.Fatal("a legacy driver is ready")
			}
		}
		roundTrip(t, &b.d)
	})
}

// roundTrip saves, loads and saves.
func roundTrip(t *testing.T, d *Device) {
	saved := d.Save(nil)
	var n Device
	require.NoError(t, n.Load(saved))
	assert.Equal(t, saved, n.Save(nil))
}

func TestSaved(t *testing.T) {
	b := live(t)
	b.d.Config[3], b.d.Kick, b.d.ISR, b.d.Bad = 5, 1|KickRaise, 3, 8
	b.d.Owner = 7
	roundTrip(t, &b.d)
	var n Device
	require.NoError(t, n.Load(b.d.Save(nil)))
	assert.Zero(t, n.Owner, "which is a matter of processors")
	n.Owner = b.d.Owner
	assert.Equal(t, b.d, n)

	for what, spoil := range map[string]func(d *Device){
		"a kind that is none":         func(d *Device) { d.ID = NumIDs },
		"too many queues":             func(d *Device) { d.Queues = MaxQueues + 1 },
		"queues of nothing":           func(d *Device) { d.ID = 0 },
		"a queue too many":            func(d *Device) { d.Queue[1].Max = 1 },
		"a status bit":                func(d *Device) { d.Status |= 16 },
		"an interrupt":                func(d *Device) { d.ISR |= 4 },
		"a kick":                      func(d *Device) { d.Kick |= 2 },
		"a feature":                   func(d *Device) { d.Accepted |= 1 },
		"a legacy driver":             func(d *Device) { d.Accepted = 0 },
		"ready before the features":   func(d *Device) { d.Status &^= StatusFeaturesOK },
		"a wide register":             func(d *Device) { d.QSel = 1 << 32 },
		"a size above the largest":    func(d *Device) { d.Queue[0].Size = 2 * size },
		"a largest above ours":        func(d *Device) { d.Queue[0].Max = 2 * MaxSize },
		"a size that is no power":     func(d *Device) { d.Queue[0].Size = 3 },
		"no size, and ready":          func(d *Device) { d.Queue[0].Size = 0 },
		"more than ready":             func(d *Device) { d.Queue[0].Ready = 2 },
		"an index":                    func(d *Device) { d.Queue[0].Next = 1 << 16 },
		"an answer's index":           func(d *Device) { d.Queue[0].Done = 1 << 16 },
		"an answer that is none":      func(d *Device) { d.Queue[0].Last = 1 },
		"descriptors across pages":    func(d *Device) { d.Queue[0].Desc |= 8 },
		"a queue without its largest": func(d *Device) { d.Queue[0].Max = 0 },
	} {
		d := b.d
		spoil(&d)
		was := n
		assert.Error(t, n.Load(d.Save(nil)), what)
		assert.Equal(t, was, n, what)
	}
	saved := b.d.Save(nil)
	assert.Error(t, n.Load(saved[:len(saved)-1]))
	assert.Error(t, n.Load(append(saved, 0)))
	saved[0]++
	assert.Error(t, n.Load(saved), "another version")
	assert.Error(t, n.Load(nil))
}

// FuzzLoad loads anything: what is accepted can be used like a device that came
// to its state by itself.
func FuzzLoad(f *testing.F) {
	b := live(f)
	f.Add(b.d.Save(nil), uint32(regNotify), uint32(0))
	b.d.Init(Net, 0, 4, 4)
	f.Add(b.d.Save(nil), uint32(regStatus), uint32(15))
	f.Fuzz(func(t *testing.T, in []byte, off, val uint32) {
		var d Device
		if d.Load(in) != nil {
			return
		}
		assert.Equal(t, in, d.Save(nil))
		b.d = d
		for i := range b.d.Queue {
			q := &b.d.Queue[i]
			if q.Peek(&b.m, &b.c) == Request {
				q.Take(&b.l)
				q.Answer(&b.l, b.c.Head, 1)
				b.l.Apply()
			}
			q.Publish(&b.m)
			q.Interrupts(&b.m)
		}
		b.d.Read(off&0xfff, 4)
		b.d.Write(&b.l, off&0xfff, 4, uint64(val))
		b.l.Apply()
		b.d.KickAll()
		b.d.Reset()
		if !b.d.possible() {
			t.Fatalf("%+v", b.d)
		}
	})
}
