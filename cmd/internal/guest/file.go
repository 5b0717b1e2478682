package guest

import (
	"errors"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// files are what a guest is loaded from, as they lie in root's memory: to read a
// kernel costs root more than all else that makes a guest of it.
type files struct{ maps [][]byte }

// read returns a file's bytes, which stay as long as the files do.
func (f *files) read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if st.Mode().IsRegular() && st.Size() > 0 {
		if m, err := unix.Mmap(int(file.Fd()), 0, int(st.Size()), unix.PROT_READ, unix.MAP_SHARED|unix.MAP_POPULATE); err == nil {
			f.maps = append(f.maps, m)
			return m, nil
		}
	}
	return os.ReadFile(path)
}

// room makes a file of so many bytes to be written, as read returns them. All its
// memory is there: no byte can fail to be written for want of it.
func (f *files) room(file *os.File, size int) ([]byte, error) {
	if err := unix.Fallocate(int(file.Fd()), 0, 0, int64(size)); err != nil {
		return nil, err
	}
	m, err := unix.Mmap(int(file.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err == nil {
		f.maps = append(f.maps, m)
	}
	return m, err
}

// close gives back what read returned.
func (f *files) close() {
	for _, m := range f.maps {
		_ = unix.Munmap(m) // it was mapped
	}
	f.maps = nil
}

var errShrank = errors.New("a file that the guest is loaded from was cut short meanwhile")

// whole has the fault that a file makes which is cut short while it is looked at end
// as an error. It is called, and what it returns is deferred.
func whole(err *error) func() {
	was := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(was)
		switch p := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }:
			*err = errShrank
		default:
			panic(p)
		}
	}
}
