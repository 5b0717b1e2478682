package stamp

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/test/bench/tsc"
)

func TestBzImage(t *testing.T) {
	kernel := append(append(bytes.Repeat([]byte{0x90}, 40), leaving...), 1, 2, 3)
	out, err := BzImage(kernel)
	assert.NoError(t, err)
	assert.Len(t, out, len(kernel))
	assert.Equal(t, kernel[:40], out[:40])
	assert.Equal(t, []byte{1, 2, 3}, out[len(out)-3:])
	assert.NotContains(t, string(out), string(leaving))
	_, err = BzImage(out)
	assert.Error(t, err, "stamped twice")
	_, err = BzImage(append(kernel, leaving...))
	assert.Error(t, err, "two places")
}

func TestELF(t *testing.T) {
	const entry, at, size = 0x1000100, 0x1000000, 0x5000
	var b bytes.Buffer
	h := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(elf.EM_X86_64), Version: 1, Ehsize: 64, Phoff: 64, Phentsize: 56, Phnum: 1, Entry: entry}
	copy(h.Ident[:], elf.ELFMAG+"\x02\x01\x01")
	binary.Write(&b, binary.LittleEndian, h)
	binary.Write(&b, binary.LittleEndian, elf.Prog64{Type: uint32(elf.PT_LOAD), Off: 0x200, Vaddr: at, Paddr: at, Filesz: 0x100, Memsz: size})
	b.Write(make([]byte, 0x300-b.Len()))

	out, err := ELF(b.Bytes())
	assert.NoError(t, err)
	f, err := elf.NewFile(bytes.NewReader(out))
	assert.NoError(t, err)
	assert.Len(t, f.Progs, 2)
	stub := f.Progs[1]
	assert.EqualValues(t, at+size, stub.Paddr)
	assert.Equal(t, stub.Paddr, f.Entry)
	code := make([]byte, stub.Filesz)
	_, err = stub.ReadAt(code, 0)
	assert.NoError(t, err)
	assert.EqualValues(t, entry, binary.LittleEndian.Uint32(code[9:]), "it goes to the kernel's entry")
	assert.EqualValues(t, tsc.StampAt, code[4])
	_, err = ELF(b.Bytes()[:100])
	assert.Error(t, err)
}

func TestUnpackRefuses(t *testing.T) {
	for _, in := range [][]byte{nil, make([]byte, 0x300), append(make([]byte, 0x202), "HdrS"...)} {
		_, err := Unpack(in)
		assert.Error(t, err)
	}
}
