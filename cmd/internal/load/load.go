// Package load turns the file of a kernel into what a guest's memory must hold
// before its first instruction.
//
// The one idea: whatever a kernel's format and protocol, the result is the same
// short plan, pieces of memory and the state of the first processor; so all
// that can be wrong with a kernel is found before a guest is touched.
package load

import (
	"perdure/boot"
	"perdure/partition/abi"
	"perdure/partition/linux"
)

// Protocol is the way in which a kernel is started.
type Protocol int

// Protocols; Auto finds out which one the file is made for.
const (
	Auto Protocol = iota
	Linux
	PVH
	Multiboot
)

// Module is a file that a kernel is given, and what it is told with it.
type Module struct {
	Data []byte
	Line string
}

// Request says what to boot. The guest's memory is all zeros yet.
type Request struct {
	Kernel   []byte
	Initrd   []byte // nil: none
	Modules  []Module
	Cmdline  string
	Memory   uint64 // bytes
	Protocol Protocol
	// Keep, if not nil, may give what unpack gave before for this kernel.
	Keep func(size int, unpack Unpack) ([]byte, error)
}

// Unpack fills out, or the beginning of it, and returns how much that is.
type Unpack func(out []byte) (int, error)

// inner returns the ELF file inside the kernel, a bzImage.
func (q *Request) inner() ([]byte, error) {
	p, err := payloadOf(q.Kernel)
	switch {
	case err != nil:
		return nil, err
	case q.Keep != nil:
		return q.Keep(p.size, p.unpack)
	}
	out := make([]byte, p.size)
	n, err := p.unpack(out)
	return out[:n], err
}

// Piece is a part of a guest's memory.
type Piece struct {
	At   uint64
	Data []byte
}

// Plan is a boot that has been checked.
type Plan struct {
	Kind   string // "bzImage", "ELF" and so on, for people
	Note   string // what the user should know, "" if nothing
	Pieces []Piece
	Entry  abi.Entry
}

// Bytes is how much a plan moves.
func (p *Plan) Bytes() (n uint64) {
	for _, s := range p.Pieces {
		n += uint64(len(s.Data))
	}
	return n
}

// Error is a reason why a kernel cannot be booted, and what to do about it.
type Error struct{ What, Do string }

func (e *Error) Error() string { return "kernel: " + e.What + "; " + e.Do }

// Make checks a request and returns its plan.
func Make(q Request) (*Plan, error) {
	if how := packingOf(q.Kernel); how != nil {
		b, err := how.all(q.Kernel)
		if err != nil {
			return nil, &Error{"the file is compressed with " + how.name + " and cannot be unpacked (" + err.Error() + ")", "copy it again"}
		}
		q.Kernel = b
	}
	protocol, found := q.Protocol, detect(q.Kernel)
	if protocol == Auto || protocol == Linux && found == Auto {
		protocol = found
	}
	switch protocol {
	case Linux:
		return linuxPlan(q)
	case PVH:
		return pvhPlan(q)
	case Multiboot:
		return multibootPlan(q)
	}
	return nil, unknown(q.Kernel)
}

// detect finds out for which protocol a kernel is made; Auto: for none of ours.
// Linux says that it is a PVH kernel too, but its own protocol is the better one.
func detect(b []byte) Protocol {
	if isBzImage(b) {
		return Linux
	}
	if _, ok := multibootHeader(b); ok {
		return Multiboot
	}
	f, err := readELF(b)
	if err != nil {
		return Auto
	}
	_, pvh := f.pvhEntry()
	switch {
	case pvh && (!f.wide || !f.isLinux()):
		return PVH
	case f.wide:
		return Linux
	}
	return Auto
}

// unknown says what a file is that is no kernel for us.
func unknown(b []byte) error {
	const do = "a Linux bzImage or vmlinux, a PVH or a multiboot-1 kernel is needed"
	switch {
	case len(b) == 0:
		return &Error{"the file is empty", do}
	case len(b) >= 2 && string(b[:2]) == "MZ":
		return &Error{"the file is a program for UEFI", do}
	case len(b) >= 4 && string(b[:4]) == elfMagic:
		if hasMultiboot2(b) {
			return &Error{"the file is a multiboot2 kernel", do}
		}
		if _, err := readELF(b); err != nil {
			return err
		}
		return &Error{"the file is a 32-bit ELF program without a multiboot or PVH header", do}
	}
	return &Error{"the file is no kernel that Perdure knows", do}
}

// memoryMap is a guest's memory as its kernel is told of it. There is RAM
// between the first 640 KiB and 1 MiB too, but every PC has other things there.
func memoryMap(memory uint64) []linux.Range {
	m := []linux.Range{
		{Start: 0, Size: min(memory, lowEnd), Kind: boot.RAM},
		{Start: lowEnd, Size: abi.TablesAt - lowEnd, Kind: boot.Reserved},
		{Start: abi.TablesAt, Size: abi.TablesSize, Kind: boot.ACPI},
	}
	if memory > high {
		m = append(m, linux.Range{Start: high, Size: min(memory, abi.LowTop) - high, Kind: boot.RAM})
	}
	if memory > abi.LowTop {
		m = append(m, linux.Range{Start: abi.HighStart, Size: memory - abi.LowTop, Kind: boot.RAM})
	}
	return m
}

const (
	lowEnd    = 640 << 10
	high      = 1 << 20
	maxKernel = 1 << 30
)

var _ [0]byte = [abi.TablesAt + abi.TablesSize - high]byte{} // tables end where high memory begins
