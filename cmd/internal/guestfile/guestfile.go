// Package guestfile reads the TOML file that describes a guest.
//
// The one idea: a file is judged as a whole, and whoever wrote it hears at once
// of all that is wrong with it, line by line.
package guestfile

import (
	"os"
	"path/filepath"
	"strings"

	"perdure/partition/abi"
)

// Guest is what a guest file says.
type Guest struct {
	Path     string // of the file; what it names is relative to its folder
	Text     string // of the file
	Name     string
	Memory   uint64
	VPs      uint32
	Weight   uint32
	CPUs     uint64
	Kernel   string // paths are absolute from here on
	Initrd   string // "": none
	Cmdline  string
	Boot     Boot
	Modules  []Module
	Platform abi.Platform
	Console  bool
	Entropy  bool
	OnReboot Reboot
	Nets     []Net
	Disks    []Disk
}

// Module is a file beside the kernel, and what the kernel is told with it.
type Module struct{ Path, Line string }

// Net is a network card.
type Net struct {
	MAC        uint64 // 0: chosen by the hypervisor
	Group, MTU uint32
}

// Disk is a disk: an image file of root's, or memory.
type Disk struct {
	File     string // "": memory
	Capacity uint64
	ReadOnly bool
	Serial   string
}

// Boot is the way in which a kernel is started.
type Boot int

// Ways to start a kernel; BootAuto finds out from the file.
const (
	BootAuto Boot = iota
	BootLinux
	BootPVH
	BootMultiboot
)

var bootNames = []string{"auto", "linux", "pvh", "multiboot"}

func (b Boot) String() string { return bootNames[b] }

// Reboot is what happens when a guest resets itself.
type Reboot int

// What happens when a guest resets itself.
const (
	RebootRestart Reboot = iota // it is loaded anew and started
	RebootDestroy
	RebootStop // it stays, switched off
)

var rebootNames = []string{"restart", "destroy", "stop"}

func (r Reboot) String() string { return rebootNames[r] }

// A Looker tells the size of a file.
type Looker func(path string) (int64, error)

// Look is the Looker of the file system.
func Look(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, errNoFile
	}
	return info.Size(), nil
}

// Read reads a guest file and looks at the files that it names. Its error is a
// *Problems, or says why the file cannot be read.
func Read(path string) (*Guest, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(full)
	if err != nil {
		return nil, err
	}
	return Parse(full, path, text, Look)
}

// Parse judges the text of a guest file; problems name it as shown.
func Parse(full, shown string, text []byte, look Looker) (*Guest, error) {
	p := &Problems{Path: shown}
	if len(text) > maxText {
		p.Add(0, "a guest file of %d KiB is none", len(text)>>10)
		return nil, p.err()
	}
	d := parseTree(text, p)
	r := &reader{section: &section{table: d.top, p: p}, doc: d, look: look, full: full, folder: filepath.Dir(full)}
	g := &Guest{Path: full, Text: string(text)}
	r.identity(g)
	r.processors(g)
	r.kernel(g)
	r.nets(g)
	r.disks(g)
	r.rest("net", "disk")
	for name, tables := range d.groups {
		if name != "net" && name != "disk" {
			p.Add(tables[0].line, "there is no table %q%s", name, meant(name, []string{"net", "disk"}))
		}
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return g, nil
}

// maxText bounds a guest file.
const maxText = 256 << 10

// NameProblem says what is wrong with a guest's name, "" if nothing is.
func NameProblem(name string) string {
	switch {
	case name == "":
		return "a guest needs a name"
	case len(name) > 31:
		return "a name has at most 31 characters"
	case name == "root":
		return "root is the name of the root partition"
	case strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-"):
		return "a name begins with a letter, a digit or _"
	}
	for _, c := range name {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", c) {
			return "a name consists of a-z, A-Z, 0-9, -, _ and ."
		}
	}
	return ""
}
