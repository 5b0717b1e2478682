// Package sha512 computes SHA-512 in pieces.
//
// The one idea: the state is a plain value without anything beneath it, so that
// a large file can be hashed a piece at a time where there is no operating
// system. (The standard library's cannot be linked there: it brings 32 MiB of
// zeroed memory for a source of entropy that nobody here asks for.)
package sha512

import "math/bits"

// Size is the length of a digest, BlockSize of what is hashed at a time.
const (
	Size      = 64
	BlockSize = 128
)

// Hash is a computation under way; New begins one.
type Hash struct {
	h   [8]uint64
	buf [BlockSize]byte
	n   uint64 // bytes written
}

// New begins a hash. FIPS 180-4, "SHA-512", "Setting the Initial Hash Value".
func New() Hash {
	return Hash{h: [8]uint64{
		0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
		0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
	}}
}

// Sum returns the digest of the parts, one after another.
func Sum(parts ...[]byte) [Size]byte {
	h := New()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum()
}

// Write adds p.
func (h *Hash) Write(p []byte) {
	have := int(h.n % BlockSize)
	h.n += uint64(len(p))
	if have != 0 {
		took := copy(h.buf[have:], p)
		if p = p[took:]; have+took < BlockSize {
			return
		}
		h.block(h.buf[:])
	}
	for ; len(p) >= BlockSize; p = p[BlockSize:] {
		h.block(p[:BlockSize])
	}
	copy(h.buf[:], p)
}

// Sum returns the digest of what was written; h may be written on.
func (h *Hash) Sum() (sum [Size]byte) {
	end := *h
	pad := [BlockSize + 16]byte{0x80}
	zeros := (BlockSize + 112 - 1 - h.n%BlockSize) % BlockSize
	// The length in bits is a number of 128 bits.
	put(pad[1+zeros:], h.n>>61)
	put(pad[1+zeros+8:], h.n<<3)
	end.Write(pad[:1+zeros+16])
	for i, w := range end.h {
		put(sum[8*i:], w)
	}
	return sum
}

// block adds one block. FIPS 180-4, "SHA-512 Hash Computation".
func (h *Hash) block(p []byte) {
	var w [80]uint64
	for t := range 16 {
		w[t] = get(p[8*t:])
	}
	for t := 16; t < 80; t++ {
		x, y := w[t-2], w[t-15]
		x = bits.RotateLeft64(x, -19) ^ bits.RotateLeft64(x, -61) ^ x>>6
		y = bits.RotateLeft64(y, -1) ^ bits.RotateLeft64(y, -8) ^ y>>7
		w[t] = x + w[t-7] + y + w[t-16]
	}
	a, b, c, d, e, f, g, k := h.h[0], h.h[1], h.h[2], h.h[3], h.h[4], h.h[5], h.h[6], h.h[7]
	for t := range 80 {
		s1 := bits.RotateLeft64(e, -14) ^ bits.RotateLeft64(e, -18) ^ bits.RotateLeft64(e, -41)
		t1 := k + s1 + (e&f ^ ^e&g) + round[t] + w[t]
		s0 := bits.RotateLeft64(a, -28) ^ bits.RotateLeft64(a, -34) ^ bits.RotateLeft64(a, -39)
		t2 := s0 + (a&b ^ a&c ^ b&c)
		k, g, f, e, d, c, b, a = g, f, e, d+t1, c, b, a, t1+t2
	}
	for i, v := range [8]uint64{a, b, c, d, e, f, g, k} {
		h.h[i] += v
	}
}

// get and put move a big-endian word.
func get(b []byte) (w uint64) {
	b = b[:8]
	return uint64(b[0])<<56 | uint64(b[1])<<48 | uint64(b[2])<<40 | uint64(b[3])<<32 |
		uint64(b[4])<<24 | uint64(b[5])<<16 | uint64(b[6])<<8 | uint64(b[7])
}

func put(b []byte, w uint64) {
	b = b[:8]
	for i := range b {
		b[i] = byte(w >> (56 - 8*i))
	}
}
