// Package depot knows what the emulated machines are made of and where it
// lies: the emulator, its firmware, and the Debian kernels that are not ours.
//
// The one idea: each thing lies in the user's cache in a folder that is named
// after the script which made it, so a folder that exists is complete and
// current, and every clone of the project finds it.
package depot

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:embed apt.sh
var aptScript string

//go:embed bochs.sh
var bochsScript string

//go:embed debian.sh
var debianScript string

// A Script makes one folder of the depot; it is called with a folder to work
// in and the folder to make.
type Script struct {
	What string // for the user
	Name string
	Text string
	Env  []string
}

// Debian makes the folder of the kernels and the emulator's firmware.
func Debian() Script {
	return Script{What: "Debian 6.1 kernels and BIOS", Name: "debian-6.1", Text: aptScript + debianScript}
}

// Bochs makes the folder of the emulator. What is built on a newer processor
// has a name of its own, so a cache that moves to an older one still works.
func Bochs() Script {
	march := march()
	return Script{What: "Bochs 3.0 with VT-x", Name: "bochs-3.0-" + march, Text: aptScript + bochsScript, Env: []string{"MARCH=" + march}}
}

// march names the best level of the x86-64 ABI that this processor has.
func march() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range bytes.Lines(info) {
		if key, flags, ok := strings.Cut(string(line), ":"); ok && strings.TrimSpace(key) == "flags" {
			return level(strings.Fields(flags))
		}
	}
	return "x86-64"
}

// level gives the level for a list of flags as Linux names them.
func level(flags []string) string {
	has := map[string]bool{}
	for _, f := range flags {
		has[f] = true
	}
	name := "x86-64"
	for _, l := range []struct {
		name  string
		needs string
	}{
		{"x86-64-v2", "cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"},
		{"x86-64-v3", "abm avx avx2 bmi1 bmi2 f16c fma movbe xsave"},
	} {
		for _, f := range strings.Fields(l.needs) {
			if !has[f] {
				return name
			}
		}
		name = l.name
	}
	return name
}

// Root is the folder that holds the depot.
func Root() string {
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			home = os.TempDir()
		}
		cache = filepath.Join(home, ".cache")
	}
	return filepath.Join(cache, "perdure")
}

// Folder is where the script's result lies, or will lie.
func (s Script) Folder() string {
	sum := sha256.Sum256([]byte(s.Text))
	return filepath.Join(Root(), s.Name+"-"+hex.EncodeToString(sum[:4]))
}

// Made says whether the script's result is there.
func (s Script) Made() bool {
	_, err := os.Stat(s.Folder())
	return err == nil
}

// file gives the path of one file in the script's result.
func (s Script) file(parts ...string) (string, error) {
	path := filepath.Join(append([]string{s.Folder()}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is not there (%w): run 'make setup'", s.What, err)
	}
	return path, nil
}

// BochsBinary is the path of the emulator.
func BochsBinary() (string, error) { return Bochs().file("bin", "bochs") }

// BIOS and VGABIOS are the paths of the emulator's firmware.
func BIOS() (string, error)    { return Debian().file("firmware", "BIOS-bochs-latest") }
func VGABIOS() (string, error) { return Debian().file("firmware", "vgabios.bin") }

// Kernel is the path of a Debian kernel, flavour "cloud" or "standard".
func Kernel(flavour string) (string, error) { return Debian().file(flavour, "vmlinuz") }

// KernelVersion is what uname -r says in that kernel.
func KernelVersion(flavour string) (string, error) {
	path, err := Debian().file(flavour, "version")
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(path)
	return strings.TrimSpace(string(text)), err
}

// Modules is the folder of its modules, as /lib/modules/VERSION.
func Modules(flavour string) (string, error) { return Debian().file(flavour, "modules") }
