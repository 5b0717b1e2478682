// Command setup brings what the tests need beyond Go, git and make: Debian
// packages, the kernels that the tests boot, and an emulator that has VT-x.
//
// The one idea: what is there is not asked for again, so a second run needs no
// network, and one that was interrupted goes on.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"perdure/cmd/hvrun/depot"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "setup:", err)
		os.Exit(1)
	}
}

func run() error {
	packages, err := missingPackages()
	if err != nil {
		return err
	}
	if err := install(packages); err != nil {
		return err
	}
	// Bochs also where QEMU has VT-x: only Bochs counts instructions, and has old
	// processors.
	for _, s := range []depot.Script{depot.Debian(), depot.Bochs()} {
		if err := ensure(s); err != nil {
			return fmt.Errorf("%s: %w", s.What, err)
		}
	}
	return nil
}

// ensure makes the script's folder if it is not there. The folder appears
// under its name only when it is complete.
func ensure(s depot.Script) error {
	if s.Made() {
		return nil
	}
	if err := os.MkdirAll(depot.Root(), 0o755); err != nil {
		return err
	}
	unlock, err := lock()
	if err != nil {
		return err
	}
	defer unlock()
	if s.Made() { // by the one who held the lock
		return nil
	}
	work := filepath.Join(depot.Root(), "work")
	making := s.Folder() + ".making"
	for _, dir := range []string{making, filepath.Join(work, s.Name)} {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	script := filepath.Join(work, s.Name+".sh")
	if err := os.WriteFile(script, []byte(s.Text), 0o755); err != nil {
		return err
	}
	if err := step(s.What, filepath.Join(work, s.Name+".log"), s.Env, "bash", script, work, making); err != nil {
		return err
	}
	if err := os.Rename(making, s.Folder()); err != nil {
		return err
	}
	return os.RemoveAll(work)
}

// lock makes runs of setup wait for each other.
func lock() (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(depot.Root(), "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		fmt.Println("setup: waiting for another setup to end")
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
			return nil, err
		}
	}
	return func() { f.Close() }, nil
}
