//go:build !amd64

package blake3

// four hashes four whole chunks, the first of which is number count: out has word i of
// each one's value in row i.
func four(out *[8][lanes]uint32, in *[lanes * chunkSize]byte, count uint64) {
	for lane := range lanes {
		n := leaf(in[lane*chunkSize:(lane+1)*chunkSize], count+uint64(lane))
		for i, w := range n.value() {
			out[i][lane] = w
		}
	}
}
