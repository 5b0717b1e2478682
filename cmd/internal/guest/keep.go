package guest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"perdure/cmd/internal/call"
	"perdure/cmd/internal/load"
)

// keep returns what remembers the unpacked form of the kernel at path: guests
// mostly have one kernel, and to unpack it takes longer than all else that
// makes a guest. Only the last one is kept, beside the guest files, in memory.
func (f *files) keep(path string) func(size int, unpack load.Unpack) ([]byte, error) {
	return func(size int, unpack load.Unpack) ([]byte, error) {
		if name, ok := keptName(path); ok {
			if b, err := f.read(name); err == nil {
				return b, nil
			}
			for _, old := range keptKernels() {
				os.Remove(old)
			}
			if b, err := f.fresh(name, size, unpack); err == nil {
				return b, nil
			}
		}
		b := make([]byte, size)
		n, err := unpack(b)
		return b[:n], err
	}
}

// fresh fills a file that is there whole or not at all, whoever else does it.
// Without room for it the next guest unpacks the kernel again.
func (f *files) fresh(name string, size int, unpack load.Unpack) ([]byte, error) {
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b, err := f.room(file, size)
	if err == nil {
		if size, err = unpack(b); err == nil {
			err = errors.Join(file.Truncate(int64(size)), os.Rename(file.Name(), name))
		}
	}
	if err != nil {
		os.Remove(file.Name())
		return nil, err
	}
	return b[:size], nil
}

// keptName is where the unpacked form of the file at path is kept: another file
// of that name has another place.
func keptName(path string) (string, bool) {
	var st syscall.Stat_t
	if !call.Here() || syscall.Stat(path, &st) != nil { // elsewhere a file is only judged
		return "", false
	}
	if os.MkdirAll(DefaultDir, 0o755) != nil {
		return "", false
	}
	return filepath.Join(DefaultDir, fmt.Sprintf("kernel-%x-%x-%x-%x.kept", st.Dev, st.Ino, st.Size, st.Mtim.Nano())), true
}

// keptKernels lists what is kept, finished or not.
func keptKernels() []string {
	list, _ := filepath.Glob(filepath.Join(DefaultDir, "kernel-*.kept*"))
	return list
}
