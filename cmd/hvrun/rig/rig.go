// Package rig sets a machine up with what it boots, and starts it.
//
// The one idea: whoever boots Perdure, a person, a test or a benchmark, does
// it here, so that all see the same machine.
package rig

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"perdure/cmd/hvrun/depot"
	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/media"
)

// Options say what is booted, and on what.
type Options struct {
	emu.Config // BootDisk and Dir are filled in; Dir is kept if it is given

	Image       string   // Perdure
	Words       string   // its options
	Kernel      string   // root's: "cloud", "standard", "none" or a file
	Initrd      string   // root's; empty: none
	KernelWords string   // added to its command line
	Commands    bool     // root waits for commands instead of showing a shell
	Bare        bool     // the kernel alone, without Perdure
	WithoutACPI []string // tables that GRUB hides, by signature
}

// Initrd is where make puts the initramfs with the modules of a Debian kernel.
func Initrd(build, flavour string) string { return filepath.Join(build, "root-"+flavour+".cpio") }

// A Run is a machine that was set up here.
type Run struct {
	*emu.Machine
	*emu.Console
	Dir    string
	remove bool
}

// Boot starts a machine. What its serial line says goes to the sinks too.
func Boot(o Options, sinks ...emu.Sink) (*Run, error) {
	r := &Run{Dir: o.Dir}
	var err error
	if o.Dir == "" {
		if r.Dir, err = os.MkdirTemp("", "hvrun-"); err != nil {
			return nil, err
		}
		r.remove = true
	} else if err = os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, err
	}
	if err = r.boot(o, sinks); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Run) boot(o Options, sinks []emu.Sink) error {
	disk, err := o.disk()
	if err != nil {
		return err
	}
	o.Config.Dir = r.Dir
	o.BootDisk = filepath.Join(r.Dir, "boot.disk")
	if err := disk.Write(o.BootDisk); err != nil {
		return err
	}
	if r.Machine, err = emu.Start(o.Config); err != nil {
		return err
	}
	r.Console = emu.NewConsole(r.Serial, sinks...)
	return nil
}

// disk says what the boot disk holds.
func (o Options) disk() (media.Disk, error) {
	d := media.Disk{UEFI: o.UEFI, ACPI: o.WithoutACPI}
	if !o.Bare {
		d.Image = media.File{Path: o.Image, Words: o.Words}
	}
	kernel, err := o.kernel()
	if err != nil || kernel == "" {
		return d, err
	}
	kernelFile := media.File{Path: kernel, Words: o.commandLine()}
	initrd := media.File{Path: o.Initrd}
	if !o.Bare {
		kernelFile.Words = "kernel " + kernelFile.Words
		initrd.Words = "initrd"
	}
	d.Modules = append(d.Modules, kernelFile)
	if o.Initrd != "" {
		d.Modules = append(d.Modules, initrd)
	}
	return d, nil
}

// kernel gives the path of root's kernel, empty if there is to be none.
func (o Options) kernel() (string, error) {
	switch o.Kernel {
	case "cloud", "standard", "":
		flavour := o.Kernel
		if flavour == "" {
			flavour = "cloud"
		}
		return depot.Kernel(flavour)
	case "none":
		if o.Bare {
			return "", fmt.Errorf("without Perdure and without a kernel there is nothing to boot")
		}
		return "", nil
	}
	return o.Kernel, nil
}

// commandLine is the kernel's. A panic reboots, so that it is seen; the kernel's
// tests of its own cryptography are left out: a third of all the instructions
// that it takes to start.
func (o Options) commandLine() string {
	words := []string{"console=ttyS0,115200", "panic=-1", "cryptomgr.notests"}
	if o.Commands {
		words = append(words, "hvrun=1")
	}
	if o.KernelWords != "" {
		words = append(words, o.KernelWords)
	}
	return strings.Join(words, " ")
}

// Close ends the machine if it runs, and removes what was set up for it.
func (r *Run) Close() {
	if r.Machine != nil {
		r.Stop()
	}
	if r.remove {
		os.RemoveAll(r.Dir)
	}
}
