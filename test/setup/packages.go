package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"perdure/cmd/hvrun/depot"
)

// packages are the Debian packages that building and testing need, as Debian
// 12 and 13 name them.
var packages = []string{
	"gcc", "binutils", // boot/head.S and the image
	"grub-pc-bin", "grub-efi-amd64-bin", "grub-common", "mtools", // boot disks
	"qemu-system-x86", "ovmf", // UEFI, and VT-x where the host can nest it
	"build-essential", "libncurses-dev", "xz-utils", "ca-certificates", "dpkg-dev", // Bochs
}

// missingPackages lists those that are not installed.
func missingPackages() (missing []string, err error) {
	if _, err := exec.LookPath("dpkg-query"); err != nil {
		return nil, errors.New("this is no Debian (dpkg-query is missing); the tests are made for Debian 12 and 13")
	}
	for _, p := range packages {
		out, _ := exec.Command("dpkg-query", "-W", "-f=${db:Status-Status}", p).Output()
		if string(out) != "installed" {
			missing = append(missing, p)
		}
	}
	return missing, nil
}

// install installs packages by apt, as root or through sudo.
func install(missing []string) error {
	if len(missing) == 0 {
		return nil
	}
	var prefix []string
	if os.Geteuid() != 0 {
		if _, err := exec.LookPath("sudo"); err != nil {
			return fmt.Errorf("these Debian packages are missing: %[1]s\nInstall them as root and start again:\n  apt-get update && apt-get install --no-install-recommends %[1]s",
				strings.Join(missing, " "))
		}
		prefix = []string{"sudo"}
		// Asked for now, while the user can still see and answer it.
		ask := exec.Command("sudo", "-v")
		ask.Stdin, ask.Stdout, ask.Stderr = os.Stdin, os.Stdout, os.Stderr
		if err := ask.Run(); err != nil {
			return fmt.Errorf("sudo: %w; needed to install %s", err, strings.Join(missing, " "))
		}
	}
	if err := os.MkdirAll(depot.Root(), 0o755); err != nil {
		return err
	}
	unlock, err := lock()
	if err != nil {
		return err
	}
	defer unlock()
	fmt.Println("setup: installing", strings.Join(missing, " "))
	log := filepath.Join(depot.Root(), "apt.log")
	apt := append(prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=600")
	if err := step("package lists", log, nil, append(apt, "update")...); err != nil {
		return err
	}
	return step("packages", log, nil, append(append(apt, "install", "-y", "--no-install-recommends"), missing...)...)
}
