package media

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// modules of GRUB that the configuration uses.
var modules = []string{"part_msdos", "tar", "multiboot2", "linux", "serial", "terminal", "acpi", "boot"}

// biosLoader gives GRUB's boot sector, which loads the sectors that follow it,
// and these.
func biosLoader(work, config string) (boot, core []byte, err error) {
	if boot, err = os.ReadFile("/usr/lib/grub/i386-pc/boot.img"); err != nil {
		return nil, nil, fmt.Errorf("GRUB for BIOS (Debian package grub-pc-bin): %w", err)
	}
	path := filepath.Join(work, "core.img")
	if err := mkimage(work, "i386-pc", path, config, append(modules, "biosdisk")); err != nil {
		return nil, nil, err
	}
	core, err = os.ReadFile(path)
	return boot, core, err
}

// espImage gives an EFI system partition that holds GRUB.
func espImage(work, config string) ([]byte, error) {
	loader, fat := filepath.Join(work, "BOOTX64.EFI"), filepath.Join(work, "esp.img")
	if err := mkimage(work, "x86_64-efi", loader, config, append(modules, "search", "search_fs_file")); err != nil {
		return nil, err
	}
	info, err := os.Stat(loader)
	if err != nil {
		return nil, err
	}
	sectors := roundUp(info.Size(), 1<<20)/sector + 4096
	for _, command := range [][]string{
		{"mformat", "-C", "-i", fat, "-h", "16", "-s", "63", "-T", strconv.FormatInt(sectors, 10), "::"},
		{"mmd", "-i", fat, "::/EFI", "::/EFI/BOOT"},
		{"mcopy", "-i", fat, loader, "::/EFI/BOOT/"},
	} {
		if err := run(command...); err != nil {
			return nil, err
		}
	}
	return os.ReadFile(fat)
}

func mkimage(work, format, out, config string, modules []string) error {
	early := filepath.Join(work, "early.cfg")
	if err := os.WriteFile(early, []byte(config), 0o644); err != nil {
		return err
	}
	return run(append([]string{"grub-mkimage", "-O", format, "-o", out, "-p", "/boot", "-c", early}, modules...)...)
}

func run(command ...string) error {
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", command[0], err, out)
	}
	return nil
}
