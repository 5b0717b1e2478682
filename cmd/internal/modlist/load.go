package modlist

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Load loads what serves some things by their names, and what that needs. The
// modules and the list lie in dir; without a list the kernel has all that it
// needs. A module that is loaded already is none the worse.
func Load(dir string, names ...string) error {
	text, err := os.ReadFile(filepath.Join(dir, "load"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, path := range Wanted(Parse(string(text)), names) {
		if err := LoadFile(filepath.Join(dir, path)); err != nil {
			return &os.PathError{Op: "loading", Path: path, Err: err}
		}
	}
	return nil
}

// LoadFile loads one module.
func LoadFile(file string) error {
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
