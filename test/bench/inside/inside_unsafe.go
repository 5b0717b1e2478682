package main

import (
	"fmt"
	"syscall"
	"unsafe"
)

const sysFinitModule = 313

// uintptrOf gives the address of a text's first byte, for a system call.
func uintptrOf(text string) uintptr {
	// SAFETY: text is a constant, which does not move.
	return uintptr(unsafe.Pointer(unsafe.StringData(text)))
}

// raw makes a system call with a buffer. The Go runtime is not told: what it does
// about threads in system calls it does every 20 µs, which is every thousand
// instructions of the emulated machine, more than what is measured.
func raw(call uintptr, fd int, b []byte, rest ...uintptr) (int, error) {
	a := [3]uintptr{}
	copy(a[:], rest)
	for {
		// SAFETY: the kernel reads or writes len(b) bytes.
		n, _, e := syscall.RawSyscall6(call, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), a[0], a[1], a[2])
		switch e {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, fmt.Errorf("call %d: %w", call, e)
		}
	}
}
