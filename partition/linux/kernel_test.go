package linux

import (
	"bytes"

	"perdure/boot"
	"perdure/boot/le"
	"perdure/mm/addr"
)

const mib = 1 << 20

// memory is a partition of 128 MiB with the holes that a PC has.
var memory = []Range{
	{0, 0x9fc00, boot.RAM}, {0x9fc00, 0x400, boot.Reserved}, {0xe8000, 0x18000, boot.Reserved},
	{mib, 126 * mib, boot.RAM}, {127 * mib, mib, boot.ACPI}, {0xfec00000, 0x1000, boot.Reserved},
}

// bzImage returns a kernel file of n bytes of protected-mode part, filled with
// a pattern, as a recent kernel has it; change may alter its header.
func bzImage(n int, change func(b []byte)) []byte {
	const sects = 3
	b := make([]byte, (sects+1)*512)
	b[hdrSetupSects] = sects
	le.Put32(b, hdrSysSize, uint32(n+15)/16)
	b[hdrBootFlag], b[hdrBootFlag+1] = 0x55, 0xaa
	b[hdrJump], b[hdrJump+1] = 0xeb, 0x6a
	copy(b[hdrMagic:], "HdrS")
	le.Put16(b, hdrVersion, 0x20f)
	b[hdrLoadFlags] = 1
	le.Put32(b, hdrInitrdMax, 0x7fffffff)
	le.Put32(b, hdrAlign, 0x200000)
	b[hdrRelocatable], b[hdrMinAlign] = 1, 0x15
	le.Put16(b, hdrXLoadFlags, 0x7f)
	le.Put32(b, hdrCmdlineSize, 2047)
	le.Put64(b, hdrPref, 16*mib)
	le.Put32(b, hdrInitSize, 32*mib)
	if change != nil {
		change(b)
	}
	return append(b, pattern(n, 'k')...)
}

// pattern returns n bytes that differ from place to place.
func pattern(n int, seed byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)*7 + byte(i>>8)*13 + byte(i>>16) + seed
	}
	return b
}

// elf returns a kernel file with the given segments, whose contents are patterns.
func elf(entry uint64, segs ...segment) []byte {
	b := make([]byte, elfHeaderLen+elfPhLen*len(segs))
	copy(b, "\x7fELF\x02\x01\x01")
	le.Put16(b, 16, elfExec)
	le.Put16(b, 18, elfMachine)
	le.Put64(b, 24, entry)
	le.Put64(b, 32, elfHeaderLen)
	le.Put16(b, 54, elfPhLen)
	le.Put16(b, 56, uint16(len(segs)))
	for i, s := range segs {
		h := b[elfHeaderLen+elfPhLen*i:]
		le.Put32(h, 0, elfPTLoad)
		le.Put64(h, 8, uint64(len(b)))
		le.Put64(h, 16, s.virt)
		le.Put64(h, 24, s.phys)
		le.Put64(h, 32, s.file)
		le.Put64(h, 40, s.mem)
		b = append(b, pattern(int(s.file), byte('a'+i))...)
	}
	return b
}

// vmlinux is a kernel of three segments, as Linux is linked.
func vmlinux() []byte {
	return elf(0x1000000, segment{virt: 0xffffffff81000000, phys: 0x1000000, file: 3 * mib, mem: 3 * mib},
		segment{virt: 0xffffffff81400000, phys: 0x1400000, file: mib, mem: 2 * mib},
		segment{virt: 0, phys: 0x1600000, file: 8192, mem: 3 * mib})
}

// swapped is a kernel whose segments are in the file in the other order, so
// that they cannot be copied in place in any order.
func swapped() []byte {
	return elf(0x1000000, segment{virt: mib, phys: 0x1200000, file: 2 * mib, mem: 2 * mib}, segment{virt: 0, phys: 0x1000000, file: 2 * mib, mem: 2 * mib})
}

// carry applies p to a fresh memory in which the files lie where q says, and
// returns the memory.
func carry(p *Plan, q Request) ([]byte, error) {
	mem := bytes.Repeat([]byte{0xee}, 128*mib)
	if q.KernelAt != 0 {
		q.Kernel = mem[q.KernelAt:][:copy(mem[q.KernelAt:], q.Kernel)]
	}
	if q.InitrdAt != 0 {
		q.Initrd = mem[q.InitrdAt:][:copy(mem[q.InitrdAt:], q.Initrd)]
	}
	err := p.Apply(q, func(at addr.GPA, n uint64) []byte {
		if uint64(at) >= uint64(len(mem)) {
			return nil
		}
		return mem[at:][:min(n, uint64(len(mem))-uint64(at))]
	})
	return mem, err
}
