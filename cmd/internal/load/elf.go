package load

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
)

const elfMagic = "\x7fELF"

// elfFile is what we need to know of an ELF file.
type elfFile struct {
	wide  bool // 64-bit
	entry uint64
	segs  []segment
	notes []note
}

// segment is a part of memory that an ELF file fills.
type segment struct {
	at, mem uint64 // physical
	virt    uint64
	data    []byte
}

// note is an entry of a PT_NOTE segment.
type note struct {
	name string
	kind uint32
	desc []byte
}

func elfError(what string) *Error {
	return &Error{"ELF file " + what, "a whole one, linked for x86 at fixed addresses, is needed"}
}

// readELF reads the headers and notes of an ELF file for x86.
func readELF(b []byte) (*elfFile, error) {
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		return nil, elfError("cannot be read (" + err.Error() + ")")
	}
	if f.Data != elf.ELFDATA2LSB || f.Machine != elf.EM_386 && f.Machine != elf.EM_X86_64 {
		return nil, elfError("is for " + f.Machine.String())
	}
	if f.Type != elf.ET_EXEC && f.Type != elf.ET_DYN {
		return nil, elfError("is no program but " + f.Type.String())
	}
	e := &elfFile{wide: f.Class == elf.ELFCLASS64, entry: f.Entry}
	for _, p := range f.Progs {
		if p.Off > uint64(len(b)) || p.Filesz > uint64(len(b))-p.Off {
			return nil, elfError("is cut short: a segment ends after the file")
		}
		data := b[p.Off : p.Off+p.Filesz]
		switch p.Type {
		case elf.PT_NOTE:
			e.notes = append(e.notes, parseNotes(data)...)
		case elf.PT_LOAD:
			if p.Memsz == 0 {
				continue
			}
			if p.Filesz > p.Memsz || p.Memsz > maxKernel || p.Paddr > 1<<46 {
				return nil, elfError("has a segment of impossible size")
			}
			e.segs = append(e.segs, segment{p.Paddr, p.Memsz, p.Vaddr, data})
		}
	}
	return e, nil
}

// parseNotes reads notes as far as they are whole. System V ABI, "Note Section".
func parseNotes(b []byte) (notes []note) {
	r := bytes.NewReader(b)
	for {
		var head struct{ Name, Desc, Kind uint32 }
		if binary.Read(r, binary.LittleEndian, &head) != nil {
			return notes
		}
		name, ok1 := padded(r, head.Name)
		desc, ok2 := padded(r, head.Desc)
		if !ok1 || !ok2 {
			return notes
		}
		notes = append(notes, note{string(bytes.TrimRight(name, "\x00")), head.Kind, desc})
	}
}

// padded reads n bytes and what follows up to a multiple of 4.
func padded(r *bytes.Reader, n uint32) ([]byte, bool) {
	if uint64(n) > uint64(r.Len()) {
		return nil, false
	}
	b := make([]byte, n)
	io.ReadFull(r, b)
	r.Seek(int64(-n&3), io.SeekCurrent)
	return b, true
}

// isLinux reports whether the file is a Linux kernel: its build leaves a note of
// its own, and a banner.
func (f *elfFile) isLinux() bool {
	for _, n := range f.notes {
		if n.name == "Linux" {
			return true
		}
	}
	for _, s := range f.segs {
		if bytes.Contains(s.data, []byte("Linux version ")) {
			return true
		}
	}
	return false
}

// physical returns an entry as a physical address. Most kernels give it as one
// already; others as a virtual one.
func (f *elfFile) physical(entry uint64) (uint64, bool) {
	for _, s := range f.segs {
		if entry >= s.at && entry-s.at < s.mem {
			return entry, true
		}
	}
	for _, s := range f.segs {
		if entry >= s.virt && entry-s.virt < s.mem {
			return entry - s.virt + s.at, true
		}
	}
	return 0, false
}
