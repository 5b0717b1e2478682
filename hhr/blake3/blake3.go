// Package blake3 computes BLAKE3 in pieces.
//
// The one idea: a file is hashed as chunks of 1 KiB that do not wait for each other,
// so four of them go through one set of vector registers; that takes a quarter of the
// instructions of SHA-512. What is under way is a plain value without anything beneath
// it, so that it can be done a piece at a time where there is no operating system.
//
// The algorithm is that of "BLAKE3: one function, fast everywhere", section 2.
package blake3

import "math/bits"

// Size is the length of a digest: the first bytes of the output, which has any length.
const Size = 64

// Lengths of what is compressed at a time, and of a leaf of the tree; and how many
// leaves are gathered before they are hashed.
const (
	blockSize = 64
	chunkSize = 1024
	lanes     = 4
)

// Hash is a computation under way; its zero value begins one.
type Hash struct {
	stack  [54][8]uint32 // roots of the subtrees that are whole, the largest first
	depth  int
	chunks uint64 // leaves in them
	buf    [lanes * chunkSize]byte
	have   int // bytes in buf
}

// Sum returns the digest of data.
func Sum(data []byte) [Size]byte {
	var h Hash
	h.Write(data)
	return h.Sum()
}

// Write adds p. The last bytes always wait: what is the root is known at the end.
func (h *Hash) Write(p []byte) {
	for len(p) > 0 {
		switch {
		case h.have == len(h.buf):
			h.leaves(&h.buf)
			h.have = 0
		case h.have == 0 && len(p) > len(h.buf):
			h.leaves((*[lanes * chunkSize]byte)(p))
			p = p[len(h.buf):]
		default:
			took := copy(h.buf[h.have:], p)
			h.have += took
			p = p[took:]
		}
	}
}

// leaves adds whole leaves, after which something follows.
func (h *Hash) leaves(in *[lanes * chunkSize]byte) {
	var out [8][lanes]uint32
	four(&out, in, h.chunks)
	for lane := range lanes {
		var cv [8]uint32
		for i := range cv {
			cv[i] = out[i][lane]
		}
		h.push(&cv)
	}
}

// push adds a leaf's value.
func (h *Hash) push(cv *[8]uint32) {
	h.join()
	h.stack[h.depth] = *cv
	h.depth++
	h.chunks++
}

// join joins subtrees of the same size: only now, since something follows them and so
// none is the root.
func (h *Hash) join() {
	for h.depth > bits.OnesCount64(h.chunks) {
		h.depth--
		left := &h.stack[h.depth-1]
		n := parent(left, &h.stack[h.depth])
		*left = n.value()
	}
}

// Sum returns the digest of what was written; h may be written on.
func (h *Hash) Sum() (sum [Size]byte) {
	end := *h
	rest := end.buf[:end.have]
	for len(rest) > chunkSize {
		last := leaf(rest[:chunkSize], end.chunks)
		cv := last.value()
		end.push(&cv)
		rest = rest[chunkSize:]
	}
	end.join()
	top := leaf(rest, end.chunks)
	for ; end.depth > 0; end.depth-- {
		right := top.value()
		top = parent(&end.stack[end.depth-1], &right)
	}
	top.flags |= flagRoot
	for i, w := range top.compress() {
		sum[4*i], sum[4*i+1], sum[4*i+2], sum[4*i+3] = byte(w), byte(w>>8), byte(w>>16), byte(w>>24)
	}
	return sum
}
