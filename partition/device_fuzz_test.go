//go:build !metal

package partition

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/mm"
	"perdure/mm/addr"
	"perdure/partition/abi"
	"perdure/partition/virtio"
)

// hostile is a guest that does with its devices what it likes.
type hostile struct {
	c *CPU
	p *Partition
}

// ringsAt is where the hostile guest has the queues of a device.
func ringsAt(slot, queue uint64) uint64 { return 0x10000 + slot<<16 + queue<<14 }

// store writes a register as an exit does, and has served what that asks for.
func (h *hostile) store(slot, off uint64, size uint8, val uint64) {
	v, gpa := h.p.VP(0), h.p.DeviceBase+slot*abi.DeviceStride+off
	d := v.mmio(h.c, &Insn{Op: OpStore, Size: size, Imm: val, Len: 3}, h.p.window(v, gpa), gpa)
	if d&Changes != 0 {
		v.Log.Apply()
		h.c.after()
	}
	h.c.serveSome()
}

// start makes a device ready, as drivers do.
func (h *hostile) start(slot uint64) {
	for _, w := range [][2]uint64{{0x70, 0}, {0x70, 3}, {0x24, 1}, {0x20, 1}, {0x70, 11}} {
		h.store(slot, w[0], 4, w[1])
	}
	for q := range h.p.device(slot).Queues {
		at := ringsAt(slot, q)
		h.p.write(at+0x1000, 0, 4)
		for _, w := range [][2]uint64{{0x30, q}, {0x38, 8}, {0x80, at}, {0x90, at + 0x1000}, {0xa0, at + 0x2000}, {0x44, 1}} {
			h.store(slot, w[0], 4, w[1])
		}
	}
	h.store(slot, 0x70, 4, 15)
}

// request offers a chain of up to three parts and notifies the device.
func (h *hostile) request(slot, queue uint64, in [6]byte) {
	at := ringsAt(slot, queue)
	index, _ := h.p.read(at+0x1002, 2)
	for i := range uint64(in[0]%3) + 1 {
		data, n, flags := 0x100000+uint64(in[1])<<9+i<<12, uint64(in[2+i])<<(in[5]&7), uint64(1)
		if i == uint64(in[0]%3) {
			flags = 0
		}
		if in[5]>>(5+i)&1 != 0 {
			flags |= 2
		}
		h.p.write(at+16*i, data, 8)
		h.p.write(at+16*i+8, n|flags<<32|(i+1)<<48, 8)
		h.p.write(data, uint64(in[3])<<(in[4]&31), 4) // the kind of a request to a disk
	}
	h.p.write(at+0x1004+2*(index&7), 0, 2)
	h.p.write(at+0x1002, index+1, 2)
	h.store(slot, 0x50, 4, queue)
}

// do is one thing that a guest can do, made of eight bytes.
func (h *hostile) do(in []byte) {
	slot, queue, val := uint64(in[1]&7), uint64(in[1]>>3&1), uint64(binary.LittleEndian.Uint32(in[4:]))
	switch in[0] % 8 {
	case 0:
		h.store(slot, uint64(in[2])&^3, 4, val)
	case 1:
		h.store(slot, uint64(in[2])|uint64(in[3]&1)<<8, 1<<(in[3]>>1&3), val)
	case 2:
		h.p.write(ringsAt(slot, queue)+uint64(in[2])<<4|uint64(in[3]&8), val<<(in[3]>>4), 8)
	case 3:
		h.p.write(ringsAt(slot, queue)+0x1000+2*uint64(in[2]%10), val, 2)
	case 4, 5:
		h.request(slot, queue, [6]byte(in[2:8]))
	case 6:
		h.start(slot)
	case 7:
		h.p.typing(in[2])
		h.p.typedFor(h.c)
		h.p.kickDevices(h.c)
		h.c.after()
		h.c.serveSome()
	}
}

// FuzzDevices has two guests do with their devices what they like. Whatever that
// is, no lock is left, every device is in a state that a device can be in, and
// memory that is not theirs is as it was.
func FuzzDevices(f *testing.F) {
	f.Add([]byte{6, 0, 0, 0, 0, 0, 0, 0, 14, 0, 0, 0, 0, 0, 0, 0, 5, 8, 1, 2, 64, 64, 64, 0x20})
	f.Add([]byte{6, 2, 0, 0, 0, 0, 0, 0, 4, 2, 2, 9, 16, 255, 1, 0xc1, 4, 6, 1, 1, 1, 1, 1, 1})
	machine(f, 256*mib)
	var guests [2]hostile
	for i := range guests {
		w := wish(string(rune('a'+i)), 2*mib)
		w.Token, w.VPs = uint64(i)+1, 1
		id, err := put(w)
		require.Zero(f, err)
		require.False(f, labour(1000))
		guests[i] = hostile{&tab.CPUs[0], Lookup(id)}
	}
	beside := outside(guests[0].p, guests[1].p)
	f.Fuzz(func(t *testing.T, in []byte) {
		for i := range guests {
			require.NoError(t, guests[i].p.resetDevices())
			guests[i].start(abi.SlotNet)
		}
		for ; len(in) >= 8; in = in[8:] {
			guests[in[0]>>3&1].do(in)
		}
		for i := range guests {
			sound(t, guests[i].c, guests[i].p)
		}
		for _, b := range beside {
			for _, x := range b {
				if x != 0xa5 {
					t.Fatal("memory that is nobody's was written")
				}
			}
		}
	})
}

// sound looks at what holds when nothing is under way.
func sound(t *testing.T, c *CPU, p *Partition) {
	if p.Lock != 0 || c.Locked != 0 || c.Owned != 0 || c.Log.N != 0 || c.Committed != 0 {
		t.Fatalf("lock %d, locked %d, owned %d, %d changes", p.Lock, c.Locked, c.Owned, c.Log.N)
	}
	for slot := range uint64(abi.NumSlots) {
		d := p.device(slot)
		var n virtio.Device
		if err := n.Load(d.Save(nil)); err != nil || d.Owner != 0 || d.Faults != 0 {
			t.Fatalf("slot %d: %v, %+v", slot, err, *d)
		}
	}
	for i := range p.Disks {
		d := p.Disks[i]
		if err := d.Load(d.Save(nil)); err != nil {
			t.Fatalf("disk %d: %v, %+v", i, err, d)
		}
	}
	port := tab.Switch.Port[p.port(abi.SlotNet)]
	if err := port.Load(port.Save(nil)); err != nil {
		t.Fatalf("port: %v, %+v", err, port)
	}
}

// outside returns the free pages beside the memory of some partitions, marked.
func outside(guests ...*Partition) (pages [][]byte) {
	mark := func(at uint64) {
		if owner, ok := mm.OwnerOf(addr.HPA(at).Frame()); ok && owner == mm.Free {
			b := mm.Bytes(addr.HPA(at), addr.PageSize)
			for i := range b {
				b[i] = 0xa5
			}
			pages = append(pages, b)
		}
	}
	for _, p := range guests {
		for i := range p.Pieces {
			mark(p.Piece[i].HPA - addr.PageSize)
			mark(p.Piece[i].HPA + p.Piece[i].Size)
		}
		for i := range p.Disks {
			mark(p.Disks[i].Base - addr.PageSize)
			mark(p.Disks[i].Base + p.Disks[i].Size)
		}
	}
	return pages
}
