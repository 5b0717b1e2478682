package partition

import "perdure/vmx/vmcs"

// Flags that instructions of arithmetic set.
const (
	flagCF = 1 << 0
	flagPF = 1 << 2
	flagAF = 1 << 4
	flagZF = 1 << 6
	flagSF = 1 << 7
	flagOF = 1 << 11

	arithmetic = flagCF | flagPF | flagAF | flagZF | flagSF | flagOF
)

// ofResult returns ZF, SF and PF of an operation's result.
//
//go:nosplit
func ofResult(val uint64, size uint8) (f uint64) {
	top := (8*uint64(size) - 1) & 63
	val &= ^uint64(0) >> (63 - top)
	if val == 0 {
		f |= flagZF
	}
	f |= val >> top & 1 * flagSF
	p := val ^ val>>4
	p ^= p >> 2
	if (p^p>>1)&1 == 0 {
		f |= flagPF
	}
	return f
}

// logicFlags sets the flags of AND, OR, XOR and TEST.
//
//go:nosplit
func (v *VP) logicFlags(val uint64, size uint8) {
	vmcs.GuestRFLAGS.Write(vmcs.GuestRFLAGS.Read()&^arithmetic | ofResult(val, size))
}

// compareFlags sets the flags of CMP a, b.
//
//go:nosplit
func (v *VP) compareFlags(a, b uint64, size uint8) {
	top := (8*uint64(size) - 1) & 63
	mask := ^uint64(0) >> (63 - top)
	a, b = a&mask, b&mask
	d := (a - b) & mask
	f := ofResult(d, size)
	if a < b {
		f |= flagCF
	}
	f |= (a ^ b ^ d) & flagAF
	if (a^b)&(a^d)>>top&1 != 0 {
		f |= flagOF
	}
	vmcs.GuestRFLAGS.Write(vmcs.GuestRFLAGS.Read()&^arithmetic | f)
}
