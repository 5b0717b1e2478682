package kernel

import (
	"encoding/binary"
	"testing"
	"unsafe"

	"perdure/mm/addr"
)

func TestDescriptors(t *testing.T) {
	lo, hi := tssDescriptor(0x123456789abc)
	if lo != 0x560089789abc0067|0x34<<56&0 && hi != 0x1234 {
		t.Errorf("%#x %#x", lo, hi)
	}
	if base := lo>>16&0xffffff | lo>>56<<24 | hi<<32; base != 0x123456789abc {
		t.Errorf("base %#x", base)
	}
	lo, hi = gate(0x40123456789a, 3)
	if off := lo&0xffff | lo>>48<<16 | hi<<32; off != 0x40123456789a || lo>>16&0xffff != selCode || lo>>32&7 != 3 || lo>>40&0xff != 0x8e {
		t.Errorf("gate %#x %#x", lo, hi)
	}
}

func TestTSS(t *testing.T) {
	var b [128]byte
	writeTSS(addr.HVA(uintptr(unsafe.Pointer(&b))), [7]uint64{0, 0x1111222233334444, 2, 3, 4, 0x5555666677778888, 6})
	for i, want := range []uint64{0x1111222233334444, 2, 3, 4, 0x5555666677778888, 6, 0} {
		if got := binary.LittleEndian.Uint64(b[0x24+8*i:]); got != want {
			t.Errorf("IST%d = %#x, want %#x", i+1, got, want)
		}
	}
	if got := binary.LittleEndian.Uint16(b[0x66:]); got != tssSize {
		t.Errorf("I/O map base %#x", got)
	}
}
