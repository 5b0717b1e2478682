package load

import (
	"errors"

	"perdure/boot/le"
)

// Fields of a bzImage's setup header. Linux, "The Linux/x86 Boot Protocol",
// section "The Real-Mode Kernel Header".
const (
	hdrSetupSects    = 0x1f1
	hdrBootFlag      = 0x1fe
	hdrMagic         = 0x202
	hdrVersion       = 0x206
	hdrPayload       = 0x248
	hdrPayloadLength = 0x24c
	hdrEnd           = 0x250

	payloadVersion = 0x208 // from which on there are the fields of the payload
)

func isBzImage(b []byte) bool {
	return len(b) >= hdrEnd && le.U16(b, hdrBootFlag) == 0xaa55 && string(b[hdrMagic:hdrMagic+4]) == "HdrS"
}

// payload is the ELF file that a bzImage has inside, packed.
type payload struct {
	packed []byte
	size   int // unpacked, as the kernel's build says
	how    *packing
}

// payloadOf finds it.
func payloadOf(b []byte) (p payload, err error) {
	if le.U16(b, hdrVersion) < payloadVersion {
		return p, errors.New("its header is too old to say where the kernel is")
	}
	sects := uint64(b[hdrSetupSects])
	if sects == 0 {
		sects = 4
	}
	off := (sects+1)*512 + uint64(le.U32(b, hdrPayload))
	n := uint64(le.U32(b, hdrPayloadLength))
	if n < 4 || off > uint64(len(b)) || n > uint64(len(b))-off {
		return p, errors.New("its payload lies outside the file")
	}
	p.packed = b[off : off+n]
	// The last four bytes are the size of what is packed: gzip's own, or put
	// there by the kernel's build.
	size := le.U32(p.packed, len(p.packed)-4)
	if size > maxKernel {
		return p, errors.New("its payload says that it is too large")
	}
	p.size = int(size)
	if p.how = packingOf(p.packed); p.how == nil {
		return p, errors.New("its payload is packed in a way that is not known here")
	}
	return p, nil
}

// unpack fills out, which has p.size bytes, as far as there are so many.
func (p payload) unpack(out []byte) (int, error) {
	n, err := p.how.into(p.packed, out)
	if err != nil {
		return 0, errors.New("its payload cannot be unpacked as " + p.how.name + ", " + err.Error())
	}
	if n < 4 || string(out[:4]) != elfMagic {
		return 0, errors.New("its payload is no ELF file")
	}
	return n, nil
}
