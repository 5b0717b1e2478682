// Package boot is the way from the loader's first instruction to the first line
// of Go, and what the loader told on it.
//
// The one idea: all that we were told is one value, Info, read once and checked
// once; nobody asks the loader again.
package boot

import "perdure/mm/addr"

// Info is what the loader said about the machine and what to do with it. It
// holds no reference to the loader's own memory, only addresses of modules.
type Info struct {
	CommandLine string // of the hypervisor
	Loader      string // the loader's name for itself
	Map         Map    // physical memory
	Kernel      Module // root's kernel; Size 0 if there is none
	Initrd      Module // root's initramfs; Size 0 if there is none
	Modules     []Module
	RSDP        []byte // a copy of ACPI's root pointer; nil if the loader had none
	EFI         bool   // the firmware is UEFI
	Options     Options
	Warnings    []string // each one line, each names what it is about
}

// Module is a file that the loader put into memory for us.
type Module struct {
	Start addr.HPA
	Size  uint64
	Text  string // its command line, as the loader passed it
	Args  string // Text without the file's path and the words "kernel" or "initrd"
}

// Error is a reason not to go on: what is wrong, and what to do about it.
type Error struct{ What, Do string }

func (e *Error) Error() string {
	if e.Do == "" {
		return e.What
	}
	return e.What + ": " + e.Do
}

// RootCommandLine returns root's kernel command line: the words of the kernel's
// module, then those of the option root_cmdline, which so has the last word.
func (i *Info) RootCommandLine() string {
	if i.Kernel.Args == "" || i.Options.RootCmdline == "" {
		return i.Kernel.Args + i.Options.RootCmdline
	}
	return i.Kernel.Args + " " + i.Options.RootCmdline
}

// RootMemory returns how many bytes of RAM root gets: what root_mem says, else
// half of what there is, but not less than 512 MiB while that leaves us room.
func (i *Info) RootMemory() uint64 {
	if i.Options.RootMem != 0 {
		return i.Options.RootMem
	}
	ram := i.Map.RAM(^addr.HPA(0))
	if half := ram / 2; half >= minAutoRoot || ram < ours {
		return half
	}
	return min(minAutoRoot, ram-ours)
}

// What root_mem=auto keeps in mind.
const (
	minAutoRoot = 512 << 20
	ours        = 128 << 20
)

// HomeSize is how many bytes an instance's home has: head.S takes them on a cold
// boot.
const HomeSize = 40 << 20

// leastRoot is what a root partition needs to be of any use.
const leastRoot = 64 << 20

// check finds what each option alone allows but this machine cannot do.
func (i *Info) check() error {
	ram := i.Map.RAM(^addr.HPA(0))
	if ram == 0 {
		return &Error{"the loader's memory map has no RAM", "boot with GRUB's multiboot2 command"}
	}
	if ram < HomeSize+leastRoot {
		return &Error{"the machine has " + formatSize(ram) + " of RAM", "give it at least " + formatSize(HomeSize+leastRoot)}
	}
	if m := i.Options.RootMem; m > ram-HomeSize {
		return &Error{"root_mem=" + formatSize(m) + ": the machine has " + formatSize(ram) + " of RAM and the hypervisor needs " + formatSize(HomeSize) + " of it",
			"ask for at most " + formatSize((ram-HomeSize)&^(addr.Page2M-1))}
	}
	return nil
}
