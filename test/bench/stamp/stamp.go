// Package stamp makes kernels that note when they began.
//
// The one idea: a stamped kernel is the kernel but for a few instructions that
// write the time-stamp counter into its zero page where the kernel proper begins;
// its first process finds it there, for Linux shows the zero page as
// /sys/kernel/boot_params/data.
package stamp

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/pierrec/lz4/v4"

	"perdure/test/bench/tsc"
)

const pageSize = 4096

// Where a bzImage's unpacker leaves to what it has unpacked, with the zero page in
// R15 and the entry in RAX; behind it are a loop that nothing reaches and padding.
var (
	leaving = []byte{
		0x4c, 0x89, 0xfe, // mov %r15, %rsi
		0xff, 0xe0, // jmp *%rax
		0xf4, 0xeb, 0xfd, // 1: hlt; jmp 1b
		0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00, // nopw
	}
	stampedLeaving = []byte{
		0x48, 0x91, // xchg %rax, %rcx
		0x0f, 0x31, // rdtsc
		0x4c, 0x89, 0xfe, // mov %r15, %rsi
		0x89, 0x46, tsc.StampAt, // mov %eax, tsc.StampAt(%rsi)
		0xff, 0xe1, // jmp *%rcx
		0xf4, 0xf4, // hlt
	}
)

// BzImage makes a copy of a bzImage that notes the lower half of the time
// at which it has unpacked itself.
func BzImage(kernel []byte) ([]byte, error) {
	if n := bytes.Count(kernel, leaving); n != 1 {
		return nil, fmt.Errorf("the kernel's unpacker is not as Debian 6.1's: %d places where it ends", n)
	}
	return bytes.Replace(kernel, leaving, stampedLeaving, 1), nil
}

// ELF makes a copy of an unpacked kernel that notes the time of its first
// instruction: a page behind the kernel does it and goes to the kernel's entry.
func ELF(kernel []byte) ([]byte, error) {
	f, err := elf.NewFile(bytes.NewReader(kernel))
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	phOff, phSize, phNum := le.Uint64(kernel[32:]), int(le.Uint16(kernel[54:])), int(le.Uint16(kernel[56:]))
	behind := int(phOff) + phSize*phNum
	if phSize != 56 || len(bytes.Trim(kernel[behind:behind+phSize], "\x00")) != 0 {
		return nil, errors.New("there is no room for one more program header")
	}
	end := uint64(0)
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			end = max(end, p.Paddr+p.Memsz)
		}
	}
	end = (end + pageSize - 1) &^ (pageSize - 1)
	code := []byte{
		0x0f, 0x31, // rdtsc
		0x89, 0x46, tsc.StampAt, // mov %eax, tsc.StampAt(%rsi)
		0x89, 0x56, tsc.StampAt + 4, // mov %edx, tsc.StampAt+4(%rsi)
		0xb8, 0, 0, 0, 0, // mov $entry, %eax
		0xff, 0xe0, // jmp *%rax
	}
	le.PutUint32(code[9:], uint32(f.Entry))
	out := append(bytes.Clone(kernel), make([]byte, -len(kernel)&(pageSize-1))...)
	at := uint64(len(out))
	out = append(out, code...)
	header := out[behind:]
	le.PutUint32(header, uint32(elf.PT_LOAD))
	le.PutUint32(header[4:], uint32(elf.PF_R|elf.PF_X))
	for i, v := range []uint64{at, end, end, uint64(len(code)), pageSize, pageSize} {
		le.PutUint64(header[8+8*i:], v)
	}
	le.PutUint16(out[56:], uint16(phNum+1))
	le.PutUint64(out[24:], end)
	return out, nil
}

// Unpack takes the kernel proper out of a bzImage that is packed as Debian's.
func Unpack(bzImage []byte) ([]byte, error) {
	if len(bzImage) < 0x250 || string(bzImage[0x202:0x206]) != "HdrS" {
		return nil, errors.New("this is not a bzImage")
	}
	le := binary.LittleEndian
	at := (uint64(bzImage[0x1f1])+1)*512 + uint64(le.Uint32(bzImage[0x248:]))
	n := uint64(le.Uint32(bzImage[0x24c:]))
	if n < 4 || at+n > uint64(len(bzImage)) {
		return nil, errors.New("the bzImage is cut short")
	}
	packed := bzImage[at : at+n]
	size := int64(le.Uint32(packed[n-4:]))
	out := make([]byte, size)
	_, err := io.ReadFull(lz4.NewReader(bytes.NewReader(packed[:n-4])), out)
	return out, err
}
