package main

import (
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"perdure/cmd/internal/modlist"
)

// moduleDir holds the modules and the list of them.
const moduleDir = "/lib/modules"

// rounds bounds how often new devices are looked for: a loaded bus driver finds
// devices that want drivers of their own.
const rounds = 4

// loadModules loads what the devices of this machine want.
func loadModules() {
	text, err := os.ReadFile(filepath.Join(moduleDir, "load"))
	if err != nil {
		return // this kernel has all that it needs
	}
	list := modlist.Parse(string(text))
	loaded := map[string]bool{}
	for range rounds {
		more := false
		for _, path := range modlist.Wanted(list, devices("/sys/devices")) {
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

// devices collects the names by which devices ask for drivers.
func devices(dir string) (names []string) {
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "modalias" {
			if name := readFile(path); name != "" {
				names = append(names, name)
			}
		}
		return nil
	})
	return names
}
