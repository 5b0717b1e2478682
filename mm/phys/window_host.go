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
func Fake(n uint64) error {
	m, err := syscall.Mmap(-1, 0, int(n), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
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
