package guest

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
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
		part := name + ".part"
		if os.WriteFile(part, b, 0o600) != nil || os.Rename(part, name) != nil {
			os.Remove(part) // no room: the next guest unpacks it again
		}
		return b, nil
	}
}

// keptName is where the unpacked form of the file at path is kept: another file
// of that name has another place.
func keptName(path string) (string, bool) {
	var st syscall.Stat_t
	if syscall.Stat(path, &st) != nil {
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
