package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"perdure/cmd/internal/modlist"
)

// moduleDir holds the modules and the list of them.
const moduleDir = "/lib/modules"

// rounds bounds how often new devices are looked for: a loaded bus driver finds
// devices that want drivers of their own.
const rounds = 4

// loadModules loads what the devices of this machine want, but what the word
// hvskip=NAME,NAME of the kernel's command line names.
func loadModules(cmdline string) {
	text, err := os.ReadFile(filepath.Join(moduleDir, "load"))
	if err != nil {
		return // this kernel has all that it needs
	}
	list := modlist.Parse(string(text))
	loaded := map[string]bool{}
	skip := strings.Split(option(cmdline, "hvskip"), ",")
	list = slices.DeleteFunc(list, func(m modlist.Module) bool {
		return slices.Contains(skip, strings.TrimSuffix(m.Path, ".ko"))
	})
	for range rounds {
		more := false
		for _, path := range modlist.Wanted(list, devices("/sys")) {
			if !loaded[path] {
				loaded[path], more = true, true
				if err := load(filepath.Join(moduleDir, path)); err != nil {
					complain("module %s: %v", path, err)
				}
			}
		}
		if !more {
			return
		}
	}
}

// loadFor loads what serves one more thing, which is no device.
func loadFor(name string) {
	text, err := os.ReadFile(filepath.Join(moduleDir, "load"))
	if err != nil {
		return
	}
	for _, path := range modlist.Wanted(modlist.Parse(string(text)), []string{name}) {
		if err := load(filepath.Join(moduleDir, path)); err != nil {
			complain("module %s: %v", path, err)
		}
	}
}

func load(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.FinitModule(int(f.Fd()), "", 0); err != unix.EEXIST {
		return err
	}
	return nil
}

// devices collects the names by which devices ask for drivers. All of them are on a
// bus or in a class; to walk through all of /sys takes ten times as long.
func devices(sys string) (names []string) {
	for _, pattern := range []string{"bus/*/devices/*/modalias", "class/*/*/modalias"} {
		paths, _ := filepath.Glob(filepath.Join(sys, pattern))
		for _, path := range paths {
			if name := readFile(path); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}
