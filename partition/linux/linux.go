// Package linux puts a Linux kernel, or any kernel that is started as Linux is,
// into a partition's memory.
//
// The one idea: a boot is a plan, a short list of copies that has been checked
// as a whole before the first byte moves; whoever owns the memory carries it out.
package linux

import (
	"perdure/boot"
	"perdure/mm/addr"
)

// Range is a stretch of a partition's physical memory.
type Range struct {
	Start addr.GPA
	Size  uint64
	Kind  boot.Kind
}

// End returns the first address after r.
func (r Range) End() addr.GPA { return r.Start + addr.GPA(r.Size) }

// Request says what to boot.
type Request struct {
	Kernel   []byte  // bzImage or ELF
	Initrd   []byte  // nil: none
	Memory   []Range // the partition's memory map, sorted, without overlaps
	Cmdline  string
	RSDP     addr.GPA // the ACPI root pointer in the partition; 0: none
	KernelAt addr.GPA // where Kernel lies if that is in the partition's own memory, else 0
	InitrdAt addr.GPA // the same for Initrd
}

// Source says where the bytes of a Copy come from.
type Source uint8

// Sources.
const (
	_          Source = iota
	FromKernel        // Request.Kernel
	FromInitrd        // Request.Initrd
	FromPlan          // Plan.Data
	FromGuest         // the partition's memory, at address Off
	Zeros             // nowhere
)

// Copy is one step of a plan: N bytes, beginning at Off of a source, to address To.
type Copy struct {
	From Source
	Off  uint64
	To   addr.GPA
	N    uint64
}

// Plan is a boot that has been checked. Steps are carried out in order, each as
// a move that allows for overlap, because a loader may have put the files where
// their contents must go.
type Plan struct {
	Kind   string // "bzImage" or "ELF", for the log
	Steps  []Copy
	Data   []byte // zero page, command line, descriptor table, page tables
	Entry  Entry
	Initrd Range // where it will lie
	Kernel Range // what the kernel takes until it manages memory itself
}

// Entry is the state of the first processor. Linux, "The Linux/x86 Boot
// Protocol", section "64-bit Boot Protocol"; all other registers are 0.
type Entry struct {
	RIP      addr.GPA
	RSI      addr.GPA // zero page
	RSP      addr.GPA // end of a page that the kernel may use until it has its own
	CR3      addr.GPA
	GDT      addr.GPA
	GDTLimit uint32
	CS, DS   uint16 // selectors: flat 64-bit code, flat data
}

// Values of control registers at Entry; bits that VT-x fixes come on top.
// RFLAGS is 2: interrupts are off.
const (
	EntryCR0  = 1<<31 | 1<<4 | 1 // PG ET PE
	EntryCR4  = 1 << 5           // PAE
	EntryEFER = 1<<10 | 1<<8     // LMA LME
)

// Error is a reason why a kernel cannot be booted.
type Error struct{ What, Do string }

func (e *Error) Error() string { return e.What + ": " + e.Do }

// image is what a kernel file says of itself.
type image struct {
	kind      string
	steps     []Copy // in the order of the file; To is relative to base
	base      addr.GPA
	size      uint64 // memory from base on that is the kernel's
	align     uint64 // 0: cannot be moved
	entry     uint64 // relative to base
	header    []byte // setup header, at its place in the zero page; nil: none
	cmdline   uint64 // longest command line
	initrdMax uint64 // last address of the initramfs
}

// MakePlan checks a request and returns how to carry it out.
func MakePlan(q Request) (*Plan, error) {
	img, err := parse(q.Kernel)
	if err != nil {
		return nil, err
	}
	if uint64(len(q.Cmdline)) > img.cmdline {
		return nil, &Error{"kernel command line is " + decimal(uint64(len(q.Cmdline))) + " bytes long", "this kernel takes at most " + decimal(img.cmdline)}
	}
	if len(q.Memory) > e820Max {
		return nil, &Error{"kernel: the memory map has " + decimal(uint64(len(q.Memory))) + " regions", "the boot protocol carries at most " + decimal(e820Max)}
	}
	l := newLayout(q.Memory)
	p := &Plan{Kind: img.kind}
	if err := l.placeKernel(img); err != nil {
		return nil, err
	}
	p.Kernel = Range{img.base, img.size, boot.RAM}
	area, err := l.placeBoot(len(q.Cmdline))
	if err != nil {
		return nil, err
	}
	// Until its copy has been made, the kernel's file must stay whole.
	if q.KernelAt != 0 {
		l.take(q.KernelAt, uint64(len(q.Kernel)))
	}
	if err := l.placeInitrd(p, uint64(len(q.Initrd)), img.initrdMax); err != nil {
		return nil, err
	}
	if p.Initrd.Size != 0 {
		p.Steps = append(p.Steps, Copy{FromInitrd, 0, p.Initrd.Start, p.Initrd.Size})
	}
	steps, err := l.kernelSteps(img, q)
	if err != nil {
		return nil, err
	}
	p.Steps = append(p.Steps, steps...)
	p.Data, p.Entry = area.build(img, q, p)
	p.Steps = append(p.Steps, Copy{FromPlan, 0, area.at, uint64(len(p.Data))})
	return p, nil
}

// parse recognises the kind of a kernel file and reads its headers.
func parse(b []byte) (*image, error) {
	switch {
	case len(b) >= 4 && string(b[:4]) == "\x7fELF":
		return parseELF(b)
	case len(b) >= 0x264 && b[0x1fe] == 0x55 && b[0x1ff] == 0xaa && string(b[0x202:0x206]) == "HdrS":
		return parseBzImage(b)
	case len(b) >= 2 && b[0] == 0x1f && b[1] == 0x8b:
		return nil, &Error{"kernel: the file is compressed with gzip", "unpack it; a bzImage or a 64-bit ELF is needed"}
	}
	return nil, &Error{"kernel: not a bzImage or 64-bit ELF", "name a Linux kernel (vmlinuz) or an unpacked one (vmlinux) as the first module"}
}
