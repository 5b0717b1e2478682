package vmx

import "perdure/kernel/x86"

// MSRBitmap says which accesses to MSRs exit: a bit for each, 1 is an exit.
// Registers outside the two ranges always exit. It is one page of kept memory.
// SDM Vol. 3C, "MSR-Bitmap Address".
type MSRBitmap [512]uint64

// Where the four parts begin, in words.
const (
	msrRead  = 0
	msrWrite = 256
	msrHigh  = 128 // added for 0xc0000000 and up
)

// DenyAll makes every access exit.
//
//go:nosplit
func (b *MSRBitmap) DenyAll() {
	for i := range b {
		b[i] = ^uint64(0)
	}
}

// place returns the word and bit of m within a part; ok is false if m always exits.
//
//go:nosplit
func (b *MSRBitmap) place(m x86.MSR) (word, bit uint32, ok bool) {
	n := uint32(m)
	switch {
	case n < 0x2000:
		return n / 64, n % 64, true
	case n >= 0xc0000000 && n < 0xc0002000:
		n -= 0xc0000000
		return msrHigh + n/64, n % 64, true
	}
	return 0, 0, false
}

// AllowRead lets the guest read m without an exit.
//
//go:nosplit
func (b *MSRBitmap) AllowRead(m x86.MSR) {
	if w, i, ok := b.place(m); ok {
		b[(msrRead+w)&511] &^= 1 << (i & 63)
	}
}

// AllowWrite lets the guest write m without an exit.
//
//go:nosplit
func (b *MSRBitmap) AllowWrite(m x86.MSR) {
	if w, i, ok := b.place(m); ok {
		b[(msrWrite+w)&511] &^= 1 << (i & 63)
	}
}

// Allow lets the guest read and write m without an exit.
//
//go:nosplit
func (b *MSRBitmap) Allow(m x86.MSR) {
	b.AllowRead(m)
	b.AllowWrite(m)
}

// Exits reports whether an access to m exits.
//
//go:nosplit
func (b *MSRBitmap) Exits(m x86.MSR, write bool) bool {
	w, i, ok := b.place(m)
	if !ok {
		return true
	}
	if write {
		w += msrWrite
	}
	return b[w&511]>>(i&63)&1 != 0
}

// IOBitmap says which ports exit, a bit for each: the two bitmaps of the VMCS
// one after the other, two pages of kept memory. SDM Vol. 3C, "I/O-Bitmap
// Addresses".
type IOBitmap [1024]uint64

// DenyAll makes every access exit.
//
//go:nosplit
func (b *IOBitmap) DenyAll() {
	for i := range b {
		b[i] = ^uint64(0)
	}
}

// Allow lets the guest reach ports first to last itself.
//
//go:nosplit
func (b *IOBitmap) Allow(first, last uint16) {
	for p := uint32(first); p <= uint32(last); p++ {
		b[p/64&1023] &^= 1 << (p & 63)
	}
}

// Deny makes ports first to last exit.
//
//go:nosplit
func (b *IOBitmap) Deny(first, last uint16) {
	for p := uint32(first); p <= uint32(last); p++ {
		b[p/64&1023] |= 1 << (p & 63)
	}
}

// Exits reports whether an access to a port exits.
//
//go:nosplit
func (b *IOBitmap) Exits(port uint16) bool { return b[port/64]>>(port&63)&1 != 0 }
