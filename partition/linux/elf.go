package linux

import (
	"perdure/boot/le"
	"perdure/mm/addr"
)

// Fields of ELF files. System V ABI, "Object Files", with the AMD64 supplement.
const (
	elfHeaderLen = 64
	elfPhLen     = 56
	elfMaxPh     = 64
	elfPTLoad    = 1
	elfMachine   = 62 // AMD64
	elfExec      = 2
	elfDyn       = 3
)

// What a kernel without a setup header is taken to allow.
const (
	elfCmdline   = 2047
	elfInitrdMax = 0x7fffffff
)

// segment is a part of an ELF file that is loaded.
type segment struct{ off, virt, phys, file, mem uint64 }

func elfError(what string) *Error {
	return &Error{"kernel: ELF file " + what, "a static 64-bit kernel (vmlinux) for amd64 is needed, whole"}
}

// parseELF reads the headers of an unpacked kernel.
func parseELF(b []byte) (*image, error) {
	if len(b) < elfHeaderLen {
		return nil, elfError("is cut short")
	}
	if b[4] != 2 || b[5] != 1 || le.U16(b, 18) != elfMachine {
		return nil, elfError("is not 64-bit for amd64")
	}
	if t := le.U16(b, 16); t != elfExec && t != elfDyn {
		return nil, elfError("is not a program")
	}
	segs, err := segments(b)
	if err != nil {
		return nil, err
	}
	low, high := ^uint64(0), uint64(0)
	for i, s := range segs {
		low, high = min(low, s.phys), max(high, s.phys+s.mem)
		for _, t := range segs[:i] {
			if s.phys < t.phys+t.mem && t.phys < s.phys+s.mem {
				return nil, elfError("has segments that overlap at " + hex(max(s.phys, t.phys)))
			}
		}
	}
	if len(segs) == 0 || high-low > maxKernel {
		return nil, elfError("has nothing to load, or more than 1 GiB")
	}
	low &^= addr.PageSize - 1
	entry, ok := physical(segs, le.U64(b, 24))
	if !ok {
		return nil, elfError("has its entry outside what is loaded")
	}
	img := &image{kind: "ELF", base: addr.GPA(low), size: (high - low + addr.PageSize - 1) &^ (addr.PageSize - 1), entry: entry - low,
		cmdline: elfCmdline, initrdMax: elfInitrdMax}
	for _, s := range segs {
		if s.file != 0 {
			img.steps = append(img.steps, Copy{FromKernel, s.off, addr.GPA(s.phys - low), s.file})
		}
	}
	for _, s := range segs {
		if s.mem > s.file {
			img.steps = append(img.steps, Copy{Zeros, 0, addr.GPA(s.phys + s.file - low), s.mem - s.file})
		}
	}
	return img, nil
}

// segments returns the loadable segments of b.
func segments(b []byte) (segs []segment, err error) {
	off, size, n := le.U64(b, 32), uint64(le.U16(b, 54)), uint64(le.U16(b, 56))
	if size < elfPhLen || n > elfMaxPh || off > uint64(len(b)) || size*n > uint64(len(b))-off {
		return nil, elfError("has impossible program headers")
	}
	for ; n > 0; n, off = n-1, off+size {
		h := b[off : off+size]
		s := segment{le.U64(h, 8), le.U64(h, 16), le.U64(h, 24), le.U64(h, 32), le.U64(h, 40)}
		if le.U32(h, 0) != elfPTLoad || s.mem == 0 {
			continue
		}
		if s.file > s.mem || s.mem > maxKernel || s.phys > 1<<46 {
			return nil, elfError("has a segment of impossible size at " + hex(s.phys))
		}
		if s.off > uint64(len(b)) || s.file > uint64(len(b))-s.off {
			return nil, elfError("is cut short: a segment ends after the file")
		}
		segs = append(segs, s)
	}
	return segs, nil
}

// physical returns the entry as a physical address. Linux's entry is one
// already; other kernels' may be virtual.
func physical(segs []segment, entry uint64) (uint64, bool) {
	for _, s := range segs {
		if entry >= s.phys && entry-s.phys < s.mem {
			return entry, true
		}
	}
	for _, s := range segs {
		if entry >= s.virt && entry-s.virt < s.mem {
			return entry - s.virt + s.phys, true
		}
	}
	return 0, false
}
