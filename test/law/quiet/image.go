// Package quiet reads a compiled Go program and says what its quiet part does.
//
// The one idea: what an exit path may not do is a property of machine code.
// So the machine code is followed, from given roots, through every call, jump
// and function table, and each thing that it may not do is reported with the
// chain of calls that leads there.
package quiet

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"sort"
)

// Image is a linked program with its symbols.
type Image struct {
	Funcs map[string]*Func
	byPC  []*Func // by address
	data  []symbol
	mem   []section
}

// Func is the machine code of one function.
type Func struct {
	Name       string
	start, end uint64
	insns      []insn
}

// symbol is a named range of data.
type symbol struct {
	name       string
	start, end uint64
}

type section struct {
	start uint64
	bytes []byte
}

// Open reads the program in file, which must have its symbol table.
func Open(file string) (*Image, error) {
	f, err := elf.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	syms, err := f.Symbols()
	if err != nil {
		return nil, fmt.Errorf("%s: %w (the image must not be stripped)", file, err)
	}
	img := &Image{Funcs: map[string]*Func{}}
	text := f.Section(".text")
	if text == nil {
		return nil, fmt.Errorf("%s: no .text", file)
	}
	for _, s := range f.Sections {
		if s.Flags&elf.SHF_ALLOC == 0 || s.Type == elf.SHT_NOBITS {
			continue
		}
		b, err := s.Data()
		if err != nil {
			return nil, err
		}
		img.mem = append(img.mem, section{s.Addr, b})
	}
	for _, s := range syms {
		switch {
		case s.Value >= text.Addr && s.Value < text.Addr+text.Size:
			if elf.ST_TYPE(s.Info) == elf.STT_FUNC {
				fn := &Func{Name: s.Name, start: s.Value, end: s.Value + s.Size}
				img.Funcs[s.Name] = fn
				img.byPC = append(img.byPC, fn)
			}
		case s.Size > 0:
			img.data = append(img.data, symbol{s.Name, s.Value, s.Value + s.Size})
		}
	}
	sort.SliceStable(img.byPC, func(i, j int) bool { return img.byPC[i].start < img.byPC[j].start })
	sort.SliceStable(img.data, func(i, j int) bool { return img.data[i].start < img.data[j].start })
	return img, img.disassemble(file)
}

// at returns the function that holds the instruction at pc.
func (img *Image) at(pc uint64) *Func {
	i := sort.Search(len(img.byPC), func(i int) bool { return img.byPC[i].start > pc })
	for i--; i >= 0; i-- {
		if f := img.byPC[i]; pc < f.end || pc == f.start {
			return f
		} else if f.start < pc && f.end > f.start {
			return nil
		}
	}
	return nil
}

// object returns the data symbol that holds addr. Symbols without a size of
// their own, as the linker's carriers of many small things have, do not count.
func (img *Image) object(addr uint64) (symbol, bool) {
	i := sort.Search(len(img.data), func(i int) bool { return img.data[i].start > addr })
	for i--; i >= 0; i-- {
		if s := img.data[i]; addr < s.end {
			return s, true
		} else if addr-s.start > 1<<20 {
			break
		}
	}
	return symbol{}, false
}

// word returns the eight bytes at addr as the image has them.
func (img *Image) word(addr uint64) uint64 {
	for _, s := range img.mem {
		if addr >= s.start && addr+8 <= s.start+uint64(len(s.bytes)) {
			return binary.LittleEndian.Uint64(s.bytes[addr-s.start:])
		}
	}
	return 0
}

// value returns the function whose func value lies at addr: a Go func value
// points to a word, and that word to the code.
func (img *Image) value(addr uint64) *Func {
	code := img.word(addr)
	if code == 0 {
		return nil
	}
	if f := img.at(code); f != nil && f.start == code {
		return f
	}
	return nil
}

// table returns the functions whose func values the object holds.
func (img *Image) table(s symbol) (funcs []*Func) {
	for addr := (s.start + 7) &^ 7; addr+8 <= s.end; addr += 8 {
		if p := img.word(addr); p != 0 {
			if f := img.value(p); f != nil {
				funcs = append(funcs, f)
			}
		}
	}
	return funcs
}

// Table returns the functions in the table that a package variable holds.
func (img *Image) Table(name string) []*Func {
	for _, s := range img.data {
		if s.name == name {
			return img.table(s)
		}
	}
	return nil
}
