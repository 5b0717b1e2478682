package main

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// addressOf returns where b lies.
func addressOf(b []byte) uint64 {
	// SAFETY: only the number is used; b is a mapping, which does not move.
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
}

// counterAt reads the 8 bytes at off of a page of device registers at once.
func counterAt(page []byte, off int) uint64 {
	_ = page[off+7]
	// SAFETY: in bounds, and aligned because pages are and off is a register's.
	return *(*uint64)(unsafe.Pointer(&page[off]))
}

// receive waits for a datagram. Go's runtime does not know that the thread waits.
func (l line) receive(b []byte) (n int, err error) {
	for {
		// SAFETY: b stays where it is during the call.
		n, _, e := unix.RawSyscall(unix.SYS_READ, uintptr(l), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		switch e {
		case unix.EINTR:
		case 0:
			return int(n), nil
		default:
			return 0, e
		}
	}
}

// send sends a datagram, or not.
func (l line) send(b []byte) {
	// SAFETY: b stays where it is during the call.
	for e := unix.EINTR; e == unix.EINTR; {
		_, _, e = unix.RawSyscall(unix.SYS_WRITE, uintptr(l), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	}
}

// sleepUntil waits for a moment of the monotonic clock, in nanoseconds, in the same way.
func sleepUntil(at int64) {
	t := unix.NsecToTimespec(at)
	for {
		// SAFETY: t stays where it is during the call.
		if _, _, e := unix.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, uintptr(unsafe.Pointer(&t)), 0, 0, 0); e != unix.EINTR {
			return
		}
	}
}
