package load

import (
	"bytes"
	"encoding/binary"

	"perdure/boot/le"
)

// part is a segment of an ELF file that a test builds.
type part struct {
	kind       uint32 // 1 load, 4 note
	at, virt   uint64
	data       []byte
	more       uint64 // memory beyond the data
	overstated uint64 // bytes that the header has and the file has not
}

// buildELF builds an ELF file; head, if any, lies before the first segment's data.
func buildELF(wide bool, entry uint64, head []byte, parts ...part) []byte {
	headLen, phLen := 52, 32
	if wide {
		headLen, phLen = 64, 56
	}
	b := make([]byte, headLen+phLen*len(parts))
	copy(b, "\x7fELF\x01\x01\x01")
	le.Put16(b, 16, 2)
	le.Put16(b, 18, 3)
	le.Put32(b, 20, 1)
	if wide {
		b[4] = 2
		le.Put16(b, 18, 62)
		le.Put64(b, 24, entry)
		le.Put64(b, 32, uint64(headLen))
		le.Put16(b, 52, uint16(headLen))
		le.Put16(b, 54, uint16(phLen))
		le.Put16(b, 56, uint16(len(parts)))
	} else {
		le.Put32(b, 24, uint32(entry))
		le.Put32(b, 28, uint32(headLen))
		le.Put16(b, 40, uint16(headLen))
		le.Put16(b, 42, uint16(phLen))
		le.Put16(b, 44, uint16(len(parts)))
	}
	for len(b)%16 != 0 {
		b = append(b, 0)
	}
	b = append(b, head...)
	for i, p := range parts {
		off, n := uint64(len(b)), uint64(len(p.data))+p.overstated
		h := b[headLen+i*phLen:]
		le.Put32(h, 0, p.kind)
		if wide {
			le.Put32(h, 4, 5)
			le.Put64(h, 8, off)
			le.Put64(h, 16, p.virt)
			le.Put64(h, 24, p.at)
			le.Put64(h, 32, n)
			le.Put64(h, 40, n+p.more)
		} else {
			le.Put32(h, 4, uint32(off))
			le.Put32(h, 8, uint32(p.virt))
			le.Put32(h, 12, uint32(p.at))
			le.Put32(h, 16, uint32(n))
			le.Put32(h, 20, uint32(n+p.more))
			le.Put32(h, 24, 5)
		}
		b = append(b, p.data...)
	}
	return b
}

// buildNote builds one note.
func buildNote(name string, kind uint32, desc []byte) []byte {
	var b bytes.Buffer
	binary.Write(&b, binary.LittleEndian, []uint32{uint32(len(name) + 1), uint32(len(desc)), kind})
	for _, s := range [][]byte{append([]byte(name), 0), desc} {
		b.Write(s)
		b.Write(make([]byte, -len(s)&3))
	}
	return b.Bytes()
}

func loadPart(at uint64, data string) part {
	return part{kind: 1, at: at, virt: at, data: []byte(data), more: 100}
}

func notePart(notes ...[]byte) part { return part{kind: 4, data: bytes.Join(notes, nil)} }

func word(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }

// buildMultiboot builds a multiboot header; addresses, if any, follow it.
func buildMultiboot(flags uint32, addresses ...uint32) []byte {
	b := append(word(mbMagic), word(flags)...)
	b = append(b, word(-(mbMagic + flags))...)
	for _, a := range addresses {
		b = append(b, word(a)...)
	}
	return b
}

// buildBzImage builds a bzImage around a payload.
func buildBzImage(payload []byte, size uint32, appended bool) []byte {
	if appended {
		payload = append(bytes.Clone(payload), word(size)...)
	}
	b := make([]byte, 1024+0x400)
	b[hdrSetupSects] = 1
	le.Put16(b, hdrBootFlag, 0xaa55)
	b[0x201] = 0x6a // the header's end
	copy(b[hdrMagic:], "HdrS")
	le.Put16(b, hdrVersion, 0x20f)
	b[0x211] = 1
	b[0x234] = 1
	le.Put32(b, 0x230, 2<<20)
	le.Put16(b, 0x236, 1)
	le.Put32(b, 0x238, 2047)
	le.Put32(b, 0x22c, 0x7fffffff)
	le.Put32(b, hdrPayload, 0x400)
	le.Put32(b, hdrPayloadLength, uint32(len(payload)))
	le.Put64(b, 0x258, 16<<20)
	le.Put32(b, 0x260, 4<<20)
	b = append(b, payload...)
	for len(b)%16 != 0 {
		b = append(b, 0)
	}
	le.Put32(b, 0x1f4, uint32(len(b)-1024)/16)
	return b
}
