package blake3

import "math/bits"

// What a block is.
const (
	flagStart  = 1 << 0 // the first one of a leaf
	flagEnd    = 1 << 1 // the last one
	flagParent = 1 << 2
	flagRoot   = 1 << 3
)

// initial is what every leaf and every parent begins with, the words of SHA-256.
var initial = [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}

// order is which words of a block a round takes, two for each mixing; each round those
// that the permutation of the one before makes of it.
var order = [7][16]uint8{
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	{2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8},
	{3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1},
	{10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6},
	{12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4},
	{9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7},
	{11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13},
}

// node is the last block of a leaf, or a parent: all that its value is made from.
type node struct {
	cv    [8]uint32
	block [16]uint32
	count uint64
	size  uint32
	flags uint32
}

// value is what a node's parent is made from.
func (n *node) value() [8]uint32 {
	out := n.compress()
	return [8]uint32(out[:8])
}

// parent joins two subtrees.
func parent(left, right *[8]uint32) (n node) {
	n = node{cv: initial, size: blockSize, flags: flagParent}
	copy(n.block[:8], left[:])
	copy(n.block[8:], right[:])
	return n
}

// leaf hashes a chunk up to its last block.
func leaf(data []byte, count uint64) (n node) {
	n = node{cv: initial, count: count, size: blockSize, flags: flagStart}
	for ; len(data) > blockSize; data = data[blockSize:] {
		n.fill(data[:blockSize])
		n.cv = n.value()
		n.flags = 0
	}
	n.fill(data)
	n.size = uint32(len(data))
	n.flags |= flagEnd
	return n
}

// fill makes data, and zeros behind it, the block.
func (n *node) fill(data []byte) {
	n.block = [16]uint32{}
	for i, b := range data {
		n.block[i/4] |= uint32(b) << (i % 4 * 8)
	}
}

// compress is the function that all is made of.
func (n *node) compress() (out [16]uint32) {
	v := &out
	copy(v[:8], n.cv[:])
	copy(v[8:12], initial[:4])
	v[12], v[13], v[14], v[15] = uint32(n.count), uint32(n.count>>32), n.size, n.flags
	m := &n.block
	for r := range order {
		o := &order[r]
		for i := range 4 {
			mix(&v[i], &v[4+i], &v[8+i], &v[12+i], m[o[2*i]&15], m[o[2*i+1]&15])
		}
		for i := range 4 {
			mix(&v[i], &v[4+(i+1)%4], &v[8+(i+2)%4], &v[12+(i+3)%4], m[o[8+2*i]&15], m[o[9+2*i]&15])
		}
	}
	for i := range 8 {
		v[i] ^= v[8+i]
		v[8+i] ^= n.cv[i]
	}
	return out
}

// mix mixes a column or a diagonal of four words with two of the block.
func mix(a, b, c, d *uint32, x, y uint32) {
	*a += *b + x
	*d = bits.RotateLeft32(*d^*a, -16)
	*c += *d
	*b = bits.RotateLeft32(*b^*c, -12)
	*a += *b + y
	*d = bits.RotateLeft32(*d^*a, -8)
	*c += *d
	*b = bits.RotateLeft32(*b^*c, -7)
}
