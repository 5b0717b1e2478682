package boot

import (
	"bytes"
	"strconv"
	"strings"

	"perdure/boot/le"
	"perdure/mm/addr"
)

// Tags of the information structure. Multiboot2 Specification, "Boot information format".
const (
	tagEnd     = 0
	tagCmdline = 1
	tagLoader  = 2
	tagModule  = 3
	tagMmap    = 6
	tagEFI32   = 11
	tagEFI64   = 12
	tagRSDP1   = 14
	tagRSDP2   = 15
	tagEFIMmap = 17
)

// Limits of what we believe; a larger value is damage.
const (
	maxInfo    = 16 << 20
	maxRegions = 1024
	maxModules = 64
)

// Parse reads the information structure that a multiboot2 loader left; b begins
// with its first byte and may be longer. It copies what it keeps, so that the
// structure's memory is free afterwards.
func Parse(b []byte) (*Info, error) {
	if len(b) < 16 {
		return nil, damaged("is shorter than 16 bytes")
	}
	size := Size(b)
	if size < 16 || size > maxInfo || uint64(size) > uint64(len(b)) {
		return nil, damaged("says that it is " + strconv.Itoa(size) + " bytes long")
	}
	p := parser{info: &Info{}}
	for off := 8; ; {
		if off+8 > size {
			return nil, damaged("has no end tag")
		}
		kind, n := le.U32(b, off), uint64(le.U32(b, off+4))
		if n < 8 || n > uint64(size-off) {
			return nil, damaged("has a tag of kind " + strconv.Itoa(int(kind)) + " with impossible size " + strconv.FormatUint(n, 10))
		}
		if kind == tagEnd {
			break
		}
		if err := p.tag(kind, b[off+8:off+int(n)]); err != nil {
			return nil, err
		}
		off += (int(n) + 7) &^ 7
	}
	return p.finish()
}

// Size returns how long the information structure says it is; b is at least its
// first 8 bytes.
func Size(b []byte) int { return int(le.U32(b, 0)) }

// parser collects what tags say until all of them have been seen.
type parser struct {
	info *Info
	bios []Region // tag 6
	efi  []Region // tag 17
	rsdp uint32   // the tag that info.RSDP is from
}

func damaged(how string) *Error {
	return &Error{"multiboot2 information " + how, "the loader is broken or something has overwritten its memory; boot with GRUB 2.02 or newer"}
}

// tag takes in one tag; b is its content without the 8 bytes in front.
func (p *parser) tag(kind uint32, b []byte) error {
	switch kind {
	case tagCmdline:
		p.info.CommandLine = text(b)
	case tagLoader:
		p.info.Loader = text(b)
	case tagModule:
		return p.module(b)
	case tagMmap:
		return p.mmap(b)
	case tagEFIMmap:
		return p.efiMmap(b)
	case tagEFI32, tagEFI64:
		p.info.EFI = true
	case tagRSDP1, tagRSDP2:
		if kind > p.rsdp {
			p.info.RSDP, p.rsdp = bytes.Clone(b), kind
		}
	}
	return nil
}

// text returns b up to its first zero byte.
func text(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// module takes in a tag 3: start, end, command line.
func (p *parser) module(b []byte) error {
	if len(b) < 8 {
		return damaged("has a module tag that is cut short")
	}
	start, end := le.U32(b, 0), le.U32(b, 4)
	m := Module{Start: addr.HPA(start), Size: uint64(end) - uint64(start), Text: text(b[8:])}
	if end <= start {
		return &Error{"module '" + printable(m.Text) + "' is empty", "check the file that the boot menu names in module2"}
	}
	if len(p.info.Modules) == maxModules {
		return &Error{"there are more than " + strconv.Itoa(maxModules) + " modules", "take some out of the boot menu"}
	}
	p.info.Modules = append(p.info.Modules, m)
	return nil
}

// mmap takes in a tag 6: entry size, version, entries of base, length, type.
func (p *parser) mmap(b []byte) error {
	if len(b) < 8 || le.U32(b, 0) < 24 || le.U32(b, 0)%8 != 0 {
		return damaged("has a memory map with impossible entries")
	}
	size := int(le.U32(b, 0))
	for b = b[8:]; len(b) >= size && len(p.bios) < maxRegions; b = b[size:] {
		r := Region{addr.HPA(le.U64(b, 0)), le.U64(b, 8), Kind(le.U32(b, 16))}
		if r.Kind == 0 || r.Kind > PMem {
			r.Kind = Reserved
		}
		p.bios = append(p.bios, r)
	}
	return nil
}

// finish puts together what the tags said.
func (p *parser) finish() (*Info, error) {
	i := p.info
	var w []string
	i.Options, w = ParseOptions(i.CommandLine)
	i.Warnings = append(i.Warnings, w...)
	// GRUB makes the BIOS map from EFI's when it has to, and Linux gets it so too.
	if i.Map = NewMap(p.bios); i.Map.RAM(^addr.HPA(0)) == 0 {
		i.Map = NewMap(p.efi)
	}
	if err := i.check(); err != nil {
		return nil, err
	}
	i.assignModules()
	return i, nil
}

// assignModules decides which module is what: by the word "kernel" or "initrd"
// at the head of its command line, else by order.
func (i *Info) assignModules() {
	var plain []int
	for n := range i.Modules {
		m := &i.Modules[n]
		var role string
		role, m.Args = moduleRole(m.Text)
		switch {
		case role == "kernel" && i.Kernel.Size == 0:
			i.Kernel = *m
		case role == "initrd" && i.Initrd.Size == 0:
			i.Initrd = *m
		case role != "":
			i.Warnings = append(i.Warnings, "module '"+printable(m.Text)+"' is a second "+role+" and ignored")
		default:
			plain = append(plain, n)
		}
	}
	for _, n := range plain {
		switch m := i.Modules[n]; {
		case i.Kernel.Size == 0:
			i.Kernel = m
		case i.Initrd.Size == 0:
			i.Initrd = m
		default:
			i.Warnings = append(i.Warnings, "module '"+printable(m.Text)+"' has no use and is ignored")
		}
	}
}

// moduleRole splits a module's command line into the word that says what it is
// ("" if none does) and the arguments behind it. A path at the head is skipped.
func moduleRole(line string) (role, args string) {
	line = strings.TrimSpace(line)
	first, tail, _ := strings.Cut(line, " ")
	if strings.HasPrefix(first, "/") || strings.HasPrefix(first, "(") {
		line = strings.TrimSpace(tail)
		first, tail, _ = strings.Cut(line, " ")
	}
	if first == "kernel" || first == "initrd" {
		return first, strings.TrimSpace(tail)
	}
	return "", line
}
