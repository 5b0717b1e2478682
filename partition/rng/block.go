package rng

import "math/bits"

// rounds of the block function: ChaCha20.
const rounds = 20

// block computes the block with a number, for a nonce of zeros, into s.Block.
// RFC 8439, "The ChaCha20 Block Function".
//
//go:nosplit
func (s *State) block(counter uint32) {
	var x [16]uint32
	x[0], x[1], x[2], x[3] = 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574
	for i := range s.Key {
		x[4+2*i], x[5+2*i] = uint32(s.Key[i]), uint32(s.Key[i]>>32)
	}
	x[12] = counter
	for i := 0; i < rounds; i += 2 {
		for j := 0; j < 4; j++ {
			quarter(&x, j, 4+j, 8+j, 12+j)
		}
		for j := 0; j < 4; j++ {
			quarter(&x, j, 4+(j+1)&3, 8+(j+2)&3, 12+(j+3)&3)
		}
	}
	x[0] += 0x61707865
	x[1] += 0x3320646e
	x[2] += 0x79622d32
	x[3] += 0x6b206574
	for i := range s.Key {
		x[4+2*i] += uint32(s.Key[i])
		x[5+2*i] += uint32(s.Key[i] >> 32)
	}
	x[12] += counter
	for i := range s.Block {
		s.Block[i] = uint64(x[2*i]) | uint64(x[2*i+1])<<32
	}
}

// quarter is a quarter round on four of the words.
//
//go:nosplit
func quarter(x *[16]uint32, a, b, c, d int) {
	a, b, c, d = a&15, b&15, c&15, d&15
	x[a] += x[b]
	x[d] = bits.RotateLeft32(x[d]^x[a], 16)
	x[c] += x[d]
	x[b] = bits.RotateLeft32(x[b]^x[c], 12)
	x[a] += x[b]
	x[d] = bits.RotateLeft32(x[d]^x[a], 8)
	x[c] += x[d]
	x[b] = bits.RotateLeft32(x[b]^x[c], 7)
}
