//go:build !metal

package phys

import (
	"syscall"

	"perdure/mm/addr"
)

// base is where pretended physical address 0 is seen.
var (
	base   addr.HVA
	memory []byte
)

// Fake puts n bytes of ordinary memory, zeros, behind the window. The host
// gives it pages as they are touched, so a large machine costs nothing. What was
// there before is gone.
func Fake(n uint64) error { return put(-1, n, syscall.MAP_ANON|syscall.MAP_PRIVATE) }

// Share is Fake with the first n bytes of a file, which several processes may
// have behind their windows.
func Share(file uintptr, n uint64) error { return put(int(file), n, syscall.MAP_SHARED) }

func put(file int, n uint64, flags int) error {
	m, err := syscall.Mmap(file, 0, int(n), syscall.PROT_READ|syscall.PROT_WRITE, flags|syscall.MAP_NORESERVE)
	if err != nil {
		return err
	}
	old := memory
	base, memory = addressOf(m), m
	if old != nil {
		return syscall.Munmap(old)
	}
	return nil
}
