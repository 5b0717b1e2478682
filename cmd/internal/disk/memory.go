package disk

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Map makes size bytes of physical memory at an address visible to this
// process. A ring lies where root's kernel has no memory, so the kernel lets
// whoever may open /dev/mem map it.
func Map(at, size uint64) ([]byte, error) {
	f, err := os.OpenFile("/dev/mem", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := unix.Mmap(int(f.Fd()), int64(at), int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	switch {
	case errors.Is(err, unix.EPERM):
		return nil, fmt.Errorf("the kernel does not let /dev/mem be mapped at %#x (%w): is it locked down, as under Secure Boot?", at, err)
	case err != nil:
		return nil, fmt.Errorf("mapping /dev/mem at %#x: %w", at, err)
	}
	return m, nil
}

// Unmap takes the memory from this process.
func Unmap(m []byte) error { return unix.Munmap(m) }
