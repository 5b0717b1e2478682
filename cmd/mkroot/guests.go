package main

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

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
	return pack(out, map[string]string{guestKernel: kernel, guestInitrd: initrd}, folder, files)
}

// pack packs files under the names that from gives them, and others into a folder.
func pack(out string, from map[string]string, folder string, files []string) error {
	all := maps.Clone(from)
	if all == nil {
		all = map[string]string{}
	}
	for _, f := range files {
		name := path.Join(folder, filepath.Base(f))
		if all[name] != "" {
			return fmt.Errorf("two files are called %s", name)
		}
		all[name] = f
	}
	a := newArchive()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		text, err := os.ReadFile(all[name])
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
