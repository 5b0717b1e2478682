// Package le reads and writes the little-endian words of tables that firmware,
// loaders and kernels lay down in memory.
//
// The one idea: a table is a byte slice and an offset from its manual, never a
// Go struct laid over foreign memory; so a short table is a length check and
// not a wild load.
package le

// U16 returns the word at b[off]. Like all functions here it panics when b is
// too short; callers check lengths first.
func U16(b []byte, off int) uint16 {
	b = b[off : off+2]
	return uint16(b[0]) | uint16(b[1])<<8
}

// U32 returns the double word at b[off].
func U32(b []byte, off int) uint32 {
	b = b[off : off+4]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// U64 returns the quad word at b[off].
func U64(b []byte, off int) uint64 {
	return uint64(U32(b, off)) | uint64(U32(b, off+4))<<32
}

// Put16 writes v to b[off].
func Put16(b []byte, off int, v uint16) {
	b = b[off : off+2]
	b[0], b[1] = byte(v), byte(v>>8)
}

// Put32 writes v to b[off].
func Put32(b []byte, off int, v uint32) {
	b = b[off : off+4]
	b[0], b[1], b[2], b[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
}

// Put64 writes v to b[off].
func Put64(b []byte, off int, v uint64) {
	Put32(b, off, uint32(v))
	Put32(b, off+4, uint32(v>>32))
}
