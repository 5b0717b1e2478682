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
	block  = 4096
	blocks = 256 // of the disk that are read
	reads  = 400
	warm   = 50
	stride = 97
)

// disks are read one after the other; a guest may have only the first.
var disks = []struct{ file, result string }{{"/dev/vda", "blk.read4k"}, {"/dev/vdb", "blk.read4k.ram"}}

func read() error {
	if err := load("virtio", "virtio_ring", "virtio_mmio", "virtio_blk"); err != nil {
		return err
	}
	for i, d := range disks {
		f, err := appears(d.file)
		if os.IsNotExist(err) && i > 0 {
			break
		}
		if err != nil {
			return err
		}
		ticks, err := readFrom(f)
		f.Close()
		if err != nil {
			return err
		}
		fmt.Printf("RESULT %s %.1f\n", d.result, float64(ticks)/reads)
	}
	return nil
}

// readFrom returns how long the reads take together.
func readFrom(f *os.File) (ticks uint64, err error) {
	b, fd := aligned(block), int(f.Fd())
	begin := uint64(0)
	for i := range warm + reads {
		if i == warm {
			begin = tsc.Read()
		}
		if _, err := raw(syscall.SYS_PREAD64, fd, b, uintptr(i*stride%blocks)*block); err != nil {
			return 0, err
		}
	}
	return tsc.Read() - begin, nil
}

// appears opens a device's file when it is there.
func appears(name string) (f *os.File, err error) {
	for range 20 {
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
