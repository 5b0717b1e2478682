//go:build !metal

package blk

import (
	"testing"

	"perdure/mm/addr"
	"perdure/mm/phys"
	"perdure/partition/abi"
)

// canary is what lies on both sides of the guest's memory and of the disk.
const canary = 0x9e3779b97f4a7c15

var fences = []addr.HPA{guestAt - 4096, guestAt + guestSize, diskAt - 4096, diskAt + diskSize}

// FuzzRequests lets a guest have anything as descriptors and requests, and a
// server anything in its ring, and changes both meanwhile.
func FuzzRequests(f *testing.F) {
	f.Add(uint8(1), []byte{0, 0, 1, 0, 9}, []byte{0, 0, 0, 8})
	f.Add(uint8(2), []byte{255, 3, 17, 0, 0, 200, 7}, []byte{1, 2, 3})
	f.Add(uint8(5), []byte{4, 2, 1, 3, 5, 8, 13, 21, 34, 55, 89}, []byte{9, 0, 1, 4, 11})
	f.Fuzz(func(t *testing.T, kind uint8, desc, requests []byte) {
		g := newGuest(t, abi.DiskRAM+abi.DiskKind(kind&1), uint32(kind>>1&1))
		for _, at := range fences {
			for i := addr.HPA(0); i < 4096; i += 8 {
				phys.Store(at+i, canary)
			}
		}
		b := &bytesOf{b: desc}
		for round := 0; round < 8 && len(requests) > 0; round++ {
			for range 12 {
				g.randomDesc(b)
			}
			for n := 0; n < 3 && len(requests) > 0; n++ {
				r := requests[0]
				g.m.Write(headerAt+uint64(n)*16, uint64(r&15), 8)
				g.m.Write(headerAt+uint64(n)*16+8, uint64(b.next())<<(r>>4*4), 8)
				g.offer(uint64(b.next() & 15))
				requests = requests[1:]
			}
			g.anyRound(b)
			if !g.d.possible() {
				t.Fatalf("a disk in a state that cannot be: %+v", g.d)
			}
		}
		for _, at := range fences {
			for i := addr.HPA(0); i < 4096; i += 8 {
				if phys.Load(at+i) != canary {
					t.Fatalf("%#x was written", at+i)
				}
			}
		}
	})
}

// bytesOf gives bytes out, zeros when there are none left.
type bytesOf struct{ b []byte }

func (b *bytesOf) next() (v byte) {
	if len(b.b) > 0 {
		v, b.b = b.b[0], b.b[1:]
	}
	return v
}

// randomDesc writes a descriptor that is likely to be almost right.
func (g *guest) randomDesc(b *bytesOf) {
	i, k := uint64(b.next()&15), b.next()
	at := []uint64{headerAt, dataAt, statusAt, guestSize - 256, guestSize, 1 << 40, descAt, usedAt}[k&7] + uint64(b.next())
	n := []uint64{16, 512, 1, 4096, 513, 0, 1 << 31, 32768}[k>>3&7]
	g.desc(i, at, n, uint64(b.next()&7), uint64(b.next()&31))
}

// anyRound serves, and lets the server and the driver do what they want.
func (g *guest) anyRound(b *bytesOf) {
	for range 4 {
		if g.d.Serve(&g.v, g.m, &g.c)&Broken != 0 {
			g.d.Reset()
			g.v.Reset()
			g.ready()
		}
		if g.d.Kind == uint64(abi.DiskFile) {
			s := g.d.slot(uint64(b.next()))
			s.State, s.Status = uint64(b.next()&3), uint32(b.next()&1)
			s.Seq, s.Op, s.Bytes = uint64(b.next()), uint32(b.next()), uint64(b.next())<<24
		}
		g.v.Queue[0].Done &= 0xffff
	}
}

// FuzzLoad loads anything: what is taken is saved as the same, and can be served.
func FuzzLoad(f *testing.F) {
	g := newGuest(f, abi.DiskFile, 0)
	g.ask(0, opOut, 0, nil, 512)
	g.serve()
	f.Add(g.d.Save(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		g := newGuest(t, abi.DiskFile, 0)
		if g.d.Load(b) != nil {
			return
		}
		if again := g.d.Save(nil); string(again) != string(b) {
			t.Fatal("saved as something else")
		}
		g.d.Serve(&g.v, g.m, &g.c)
	})
}
