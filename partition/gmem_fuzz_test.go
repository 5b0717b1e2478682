//go:build !metal

package partition

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/kernel/x86"
	"perdure/partition/abi"
)

// FuzzWalk has a guest's page tables hold what they like, in every mode: both that walk
// them come to an end, and to the same one.
func FuzzWalk(f *testing.F) {
	machine(f, 256*mib)
	id, err := put(wish("w", 16*mib))
	require.Zero(f, err)
	require.False(f, labour(1000))
	p := Lookup(id)
	const tables, end = 0x1000, 0x9000
	entry := func(slot, e uint64) []byte {
		return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint16(nil, uint16(slot)), e)
	}
	f.Add(uint8(0), uint64(0x40603123), append(append(append(entry(0, 0x2003), entry(0x1008, 0x3003)...), entry(0x2018, 0x4003)...), entry(0x3018, 0x5003)...))
	f.Add(uint8(0), uint64(1<<47), entry(0, 0x2083))
	f.Add(uint8(1), ^uint64(0), entry(0xff8, 0x1003))
	f.Add(uint8(2), uint64(0x40603123), append(entry(8, 0x3001), entry(0x2018, 0x83)...))
	f.Add(uint8(3), uint64(0x40603123), append(entry(0x404, 0x4003), entry(0x380c, 0x5003)...))
	f.Fuzz(func(t *testing.T, mode uint8, la uint64, in []byte) {
		for at := uint64(tables); at < end; at += 8 {
			p.write(at, 0, 8)
		}
		for ; len(in) >= 10; in = in[10:] {
			p.write(tables+uint64(binary.LittleEndian.Uint16(in))%(end-tables)&^7, binary.LittleEndian.Uint64(in[2:]), 8)
		}
		w := walker{p: p, cr0: x86.CR0PG | 1, cr3: tables}
		w.cr4 = []uint64{x86.CR4PAE, x86.CR4PAE | x86.CR4LA57, x86.CR4PAE, 0}[mode&3]
		w.efer = []uint64{x86.EFERLMA, x86.EFERLMA, 0, 0}[mode&3]
		if w.efer == 0 {
			la &= 0xffffffff
		}
		var r abi.Walk
		gpa, ok, _ := w.translate(la, false)
		again, traced := w.trace(la, &r)
		if ok != traced || ok && gpa != again {
			t.Fatalf("mode %d, %#x: %#x %v, and traced %#x %v, %+v", mode&3, la, gpa, ok, again, traced, r)
		}
		if w.user = true; ok {
			if to, may, code := w.translate(la, true); may && to != gpa || !may && code&(pfP|pfW|pfU) != pfP|pfW|pfU {
				t.Fatalf("mode %d, %#x: a user's write leads to %#x %v, code %#x", mode&3, la, to, may, code)
			}
		}
	})
}
