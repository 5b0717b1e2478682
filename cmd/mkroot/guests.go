package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"

	"perdure/cmd/hvrun/depot"
)

// Where root finds what guests are made of.
const (
	guestKernel = "boot/vmlinuz"
	guestInitrd = "boot/guest.cpio"
)

// guests packs what guests are made of, and files that go into a folder. Nothing is compressed: the kernel and the
// initramfs are already, and a byte that the boot loader reads costs less than
// one that root's kernel unpacks.
func guests(out, flavour, initrd, folder string, files []string) error {
	kernel, err := depot.Kernel(flavour)
	if err != nil {
		return err
	}
	from := map[string]string{guestKernel: kernel, guestInitrd: initrd}
	names := []string{guestKernel, guestInitrd}
	for _, f := range files {
		name := path.Join(folder, filepath.Base(f))
		if from[name] != "" {
			return fmt.Errorf("two files are called %s", name)
		}
		from[name] = f
		names = append(names, name)
	}
	a := newArchive()
	for _, name := range names {
		text, err := os.ReadFile(from[name])
		if err != nil {
			return err
		}
		a.addFile(name, text, 0o644)
	}
	plain, err := a.plain()
	if err != nil {
		return err
	}
	return replace(out, padded(plain))
}
