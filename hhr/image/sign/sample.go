package sign

import (
	"perdure/boot/le"
	"perdure/hhr/image"
)

// Sample returns an ELF file as the linker makes an image's, with a segment of
// two pages that holds nothing; for tests.
func Sample() []byte {
	b := make([]byte, 3*image.PageSize+100)
	copy(b, "\x7fELF\x02\x01\x01")
	le.Put16(b, 18, 62)         // x86-64
	le.Put64(b, 24, 2<<20+0x28) // entry
	le.Put64(b, 32, 64)         // program headers
	le.Put16(b, 54, 56)
	le.Put16(b, 56, 1)
	ph := b[64:]
	le.Put32(ph, 0, 1) // PT_LOAD
	le.Put64(ph, 8, image.PageSize)
	le.Put64(ph, 16, 2<<20)
	le.Put64(ph, 32, 2*image.PageSize)
	le.Put64(ph, 40, 2*image.PageSize)
	return b
}
