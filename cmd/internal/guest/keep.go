package guest

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"perdure/cmd/internal/call"
)

// keep returns what remembers the unpacked form of the kernel at path: guests
// mostly have one kernel, and to unpack it takes longer than all else that
// makes a guest. Only the last one is kept, beside the guest files, in memory.
func keep(path string) func(unpack func() ([]byte, error)) ([]byte, error) {
	return func(unpack func() ([]byte, error)) ([]byte, error) {
		name, ok := keptName(path)
		if !ok {
			return unpack()
		}
		if b, err := os.ReadFile(name); err == nil {
			return b, nil
		}
		b, err := unpack()
		if err != nil {
			return nil, err
		}
		for _, old := range keptKernels() {
			os.Remove(old)
		}
		store(name, b)
		return b, nil
	}
}

// store writes a file that is there whole or not at all, whoever else writes it.
// Without room for it the next guest unpacks the kernel again.
func store(name string, b []byte) {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return
	}
	_, err = f.Write(b)
	if f.Close() != nil || err != nil || os.Rename(f.Name(), name) != nil {
		os.Remove(f.Name())
	}
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
