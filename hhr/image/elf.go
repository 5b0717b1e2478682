package image

import "perdure/boot/le"

// Places in an ELF file. Executable and Linking Format, "ELF Header" and
// "Program Header", 64-bit.
const (
	elfMagic   = 0x464c457f
	elfClass   = 4  // and data, version: 64-bit, little-endian, 1
	elfMachine = 18 // x86-64
	elfEntry   = 24
	elfPhoff   = 32
	elfPhsize  = 54
	elfPhnum   = 56
	elfHeader  = 64

	phType   = 0
	phOffset = 8
	phVaddr  = 16
	phFilesz = 32
	phMemsz  = 40
	phSize   = 56
	ptLoad   = 1
)

// loadable finds the one segment of an image's ELF file.
func loadable(file []byte) (l Load, why string) {
	const bad = "the ELF file in it is not one of Perdure's: "
	size := uint64(len(file))
	if size < elfHeader || le.U32(file, 0) != elfMagic || le.U32(file, elfClass)&0xffffff != 0x010102 || le.U16(file, elfMachine) != 62 {
		return Load{}, bad + "it is not 64-bit x86"
	}
	at, step, n := le.U64(file, elfPhoff), uint64(le.U16(file, elfPhsize)), uint64(le.U16(file, elfPhnum))
	if step != phSize || at > size || n > (size-at)/phSize {
		return Load{}, bad + "its program headers are not in it"
	}
	for ; n > 0; n, at = n-1, at+phSize {
		ph := file[at : at+phSize]
		if le.U32(ph, phType) != ptLoad {
			continue
		}
		if l.Size != 0 {
			return Load{}, bad + "it has two segments"
		}
		start := le.U64(ph, phVaddr)
		l = Load{Offset: le.U64(ph, phOffset), Size: le.U64(ph, phFilesz), Entry: le.U64(file, elfEntry) - start}
		switch {
		case l.Size == 0 || l.Size != le.U64(ph, phMemsz):
			return Load{}, bad + "its segment is not in the file whole"
		case l.Offset > size || l.Size > size-l.Offset:
			return Load{}, bad + "its segment reaches beyond its end"
		case l.Offset%PageSize != 0 || start%PageSize != 0:
			return Load{}, bad + "its segment does not begin on a page"
		case l.Entry >= l.Size:
			return Load{}, bad + "it is entered outside its segment"
		}
	}
	if l.Size == 0 {
		return Load{}, bad + "it has nothing to load"
	}
	return l, ""
}
