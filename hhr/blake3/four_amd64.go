package blake3

// four hashes four whole chunks, the first of which is number count: out has word i of
// each one's value in row i. It needs SSSE3, as every processor has that can run a guest.
//
//go:noescape
func four(out *[8][lanes]uint32, in *[lanes * chunkSize]byte, count uint64)
