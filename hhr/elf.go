package hhr

import "encoding/binary"

// entryOf returns where the code of an image file begins.
func entryOf(f []byte) (at uint64, why string) {
	le := binary.LittleEndian
	if len(f) < 120 || le.Uint32(f) != 0x464c457f {
		return 0, "it is no image"
	}
	ph := le.Uint64(f[32:])
	return le.Uint64(f[24:]) - le.Uint64(f[ph+16:]) + le.Uint64(f[ph+8:]), ""
}
