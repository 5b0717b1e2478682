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

// block adds one block. FIPS 180-4, "SHA-512 Hash Computation". Sixteen words of the
// message schedule are kept, and who is a and who is h moves on with each round, so that
// nothing has to be moved.
func (h *Hash) block(p []byte) {
	var w [16]uint64
	for t := range w {
		w[t] = get(p[8*t:])
	}
	a, b, c, d, e, f, g, k := h.h[0], h.h[1], h.h[2], h.h[3], h.h[4], h.h[5], h.h[6], h.h[7]
	for first := 0; ; first += 16 {
		k16 := (*[16]uint64)(round[first:])
		d, k = turn(a, b, c, d, e, f, g, k, k16[0]+w[0])
		c, g = turn(k, a, b, c, d, e, f, g, k16[1]+w[1])
		b, f = turn(g, k, a, b, c, d, e, f, k16[2]+w[2])
		a, e = turn(f, g, k, a, b, c, d, e, k16[3]+w[3])
		k, d = turn(e, f, g, k, a, b, c, d, k16[4]+w[4])
		g, c = turn(d, e, f, g, k, a, b, c, k16[5]+w[5])
		f, b = turn(c, d, e, f, g, k, a, b, k16[6]+w[6])
		e, a = turn(b, c, d, e, f, g, k, a, k16[7]+w[7])
		d, k = turn(a, b, c, d, e, f, g, k, k16[8]+w[8])
		c, g = turn(k, a, b, c, d, e, f, g, k16[9]+w[9])
		b, f = turn(g, k, a, b, c, d, e, f, k16[10]+w[10])
		a, e = turn(f, g, k, a, b, c, d, e, k16[11]+w[11])
		k, d = turn(e, f, g, k, a, b, c, d, k16[12]+w[12])
		g, c = turn(d, e, f, g, k, a, b, c, k16[13]+w[13])
		f, b = turn(c, d, e, f, g, k, a, b, k16[14]+w[14])
		e, a = turn(b, c, d, e, f, g, k, a, k16[15]+w[15])
		if first == 64 {
			break
		}
		w[0] += mix(w[14], w[9], w[1])
		w[1] += mix(w[15], w[10], w[2])
		w[2] += mix(w[0], w[11], w[3])
		w[3] += mix(w[1], w[12], w[4])
		w[4] += mix(w[2], w[13], w[5])
		w[5] += mix(w[3], w[14], w[6])
		w[6] += mix(w[4], w[15], w[7])
		w[7] += mix(w[5], w[0], w[8])
		w[8] += mix(w[6], w[1], w[9])
		w[9] += mix(w[7], w[2], w[10])
		w[10] += mix(w[8], w[3], w[11])
		w[11] += mix(w[9], w[4], w[12])
		w[12] += mix(w[10], w[5], w[13])
		w[13] += mix(w[11], w[6], w[14])
		w[14] += mix(w[12], w[7], w[15])
		w[15] += mix(w[13], w[8], w[0])
	}
	for i, v := range [8]uint64{a, b, c, d, e, f, g, k} {
		h.h[i] += v
	}
}

// mix is what the words two, seven and fifteen before it add to that sixteen before.
func mix(x, seven, y uint64) uint64 {
	x = bits.RotateLeft64(bits.RotateLeft64(x, -42)^x, -19) ^ x>>6
	y = bits.RotateLeft64(bits.RotateLeft64(y, -7)^y, -1) ^ y>>7
	return x + seven + y
}

// turn is a round: it returns the new e, in the place of d, and the new a, in that of h.
func turn(a, b, c, d, e, f, g, h, w uint64) (fresh, first uint64) {
	s1 := bits.RotateLeft64(bits.RotateLeft64(bits.RotateLeft64(e, -23)^e, -4)^e, -14)
	h += s1 + (e&(f^g) ^ g) + w
	s0 := bits.RotateLeft64(bits.RotateLeft64(bits.RotateLeft64(a, -5)^a, -6)^a, -28)
	return d + h, h + s0 + (a&b | c&(a|b))
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
