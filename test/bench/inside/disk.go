package main

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"perdure/test/bench/tsc"
)

// Reads of a block each, one at a time, past the kernel's cache: from near the
// beginning of the disk, in an order that no read-ahead would guess.
const (
	block    = 4096
	blocks   = 256 // of the disk that are read
	reads    = 400
	warm     = 50
	stride   = 97
	diskFile = "/dev/vda"
)

func read() error {
	if err := load("virtio", "virtio_ring", "virtio_mmio", "virtio_blk"); err != nil {
		return err
	}
	f, err := appears(diskFile)
	if err != nil {
		return err
	}
	defer f.Close()
	b := aligned(block)
	begin := uint64(0)
	for i := range warm + reads {
		if i == warm {
			begin = tsc.Read()
		}
		if _, err := f.ReadAt(b, int64(i*stride%blocks)*block); err != nil {
			return err
		}
	}
	fmt.Printf("RESULT blk.read4k %.1f\n", float64(tsc.Read()-begin)/reads)
	return nil
}

// appears opens a device's file when it is there.
func appears(name string) (f *os.File, err error) {
	for range 200 {
		if f, err = os.OpenFile(name, os.O_RDONLY|syscall.O_DIRECT, 0); err == nil {
			return f, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil, err
}

// aligned returns n bytes that begin at a page.
func aligned(n int) []byte {
	b, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANONYMOUS)
	if err != nil {
		return make([]byte, n) // and the read says what is wrong
	}
	return b
}
