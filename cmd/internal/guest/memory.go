package guest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"perdure/cmd/internal/guestfile"
)

// A remembered file begins with a line that says where it comes from; what it
// names is relative to that.
const originPrefix = "# perdure: "

func (h *Host) file(name string) string { return filepath.Join(h.Dir, name+".toml") }

// remember keeps a guest's file; it is there whole or not at all.
func (h *Host) remember(g *guestfile.Guest) error {
	if err := os.MkdirAll(h.Dir, 0o755); err != nil {
		return err
	}
	part := h.file(g.Name) + ".part"
	if err := os.WriteFile(part, []byte(originPrefix+g.Path+"\n"+g.Text), 0o644); err != nil {
		return err
	}
	return os.Rename(part, h.file(g.Name))
}

// forget is the opposite of remember.
func (h *Host) forget(name string) { os.Remove(h.file(name)) }

// Recall returns what the guest of that name was created from. Whether the files
// that it names are still there shows when they are read.
func (h *Host) Recall(name string) (*guestfile.Guest, error) {
	b, err := os.ReadFile(h.file(name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is not remembered in %s: it was created by other means; destroy it and create it from its file", name, h.Dir)
	}
	if err != nil {
		return nil, err
	}
	origin, text, ok := strings.Cut(string(b), "\n")
	path, ok2 := strings.CutPrefix(origin, originPrefix)
	if !ok || !ok2 {
		return nil, fmt.Errorf("%s is damaged: its first line does not say where it comes from", h.file(name))
	}
	return guestfile.Parse(path, path, []byte(text), func(string) (int64, error) { return guestfile.SectorSize, nil })
}

// lock lets one process at a time make partitions.
func (h *Host) lock() (unlock func(), err error) {
	if err := os.MkdirAll(h.Dir, 0o755); err != nil {
		return nil, err
	}
	return flock(filepath.Join(h.Dir, "lock"), os.O_CREATE|os.O_RDWR)
}

// lockGuest lets one process at a time load a guest. One that is not remembered
// cannot be loaded, and needs no lock.
func (h *Host) lockGuest(name string) (unlock func(), err error) {
	unlock, err = flock(h.file(name), os.O_RDONLY)
	if errors.Is(err, os.ErrNotExist) {
		return func() {}, nil
	}
	return unlock, err
}

// flock holds a file until unlock, or the end of the process.
func flock(path string, flags int) (unlock func(), err error) {
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if err != unix.EINTR {
			f.Close()
			return nil, err
		}
	}
}
