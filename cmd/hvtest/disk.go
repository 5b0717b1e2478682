package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

var diskTest = test{"disk", "write pseudo-random data to a disk without a boot record and read it back", func(fs *flag.FlagSet) func(*report) {
	o := diskFlags(fs)
	return func(r *report) {
		if dev := o.find(r); dev != "" {
			watch := startWatch(r)
			diskRun(r, dev, *o.mib<<20, !*o.cached)
			watch.end(r)
		}
	}
}}

// diskOptions are shared by the tests that use a disk.
type diskOptions struct {
	dev    *string
	mib    *int
	cached *bool
}

func diskFlags(fs *flag.FlagSet) diskOptions {
	return diskOptions{fs.String("dev", "", "disk to overwrite; default: the first that has no boot record"), fs.Int("mib", 16, "MiB to write and read"),
		fs.Bool("cached", false, "write into the page cache, which the fsync at the end empties")}
}

// find chooses the disk, waiting for the drivers to find theirs.
func (o diskOptions) find(r *report) string {
	if *o.dev != "" {
		return *o.dev
	}
	for range 100 {
		disks, _ := filepath.Glob("/dev/[svh]d[a-z]")
		for _, dev := range disks {
			f, err := os.Open(dev)
			if err != nil {
				continue
			}
			sector := make([]byte, 512)
			_, err = f.ReadAt(sector, 0)
			f.Close()
			if err == nil && !hasBootRecord(sector) {
				return dev
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	r.skip("there is no disk without a boot record: the others are not ours to overwrite")
	return ""
}

// diskChunk is what one request moves; the memory must be aligned for O_DIRECT.
const diskChunk = 128 << 10

// diskRun overwrites the first n bytes of dev and compares what it reads back.
func diskRun(r *report, dev string, n int, direct bool) {
	flags := os.O_RDWR
	if direct {
		flags |= unix.O_DIRECT
	}
	f, err := os.OpenFile(dev, flags, 0)
	if !r.error("disk", err) {
		return
	}
	defer f.Close()
	buf, err := unix.Mmap(-1, 0, diskChunk, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if !r.error("memory", err) {
		return
	}
	defer unix.Munmap(buf)
	seed := uint64(time.Now().UnixNano())
	fill := rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, seed)))
	written, read := sha256.New(), sha256.New()
	start := time.Now()
	for off := 0; off < n; off += diskChunk {
		fill.Read(buf)
		if off == 0 {
			buf[510] = 0 // no boot record
		}
		written.Write(buf)
		if _, err := f.WriteAt(buf, int64(off)); !r.error("write", err) {
			return
		}
	}
	r.error("flush", f.Sync())
	r.value("disk.write_seconds", time.Since(start).Seconds())
	start = time.Now()
	for off := 0; off < n; off += diskChunk {
		clear(buf)
		if _, err := f.ReadAt(buf, int64(off)); !r.error("read", err) {
			return
		}
		read.Write(buf)
	}
	r.value("disk.read_seconds", time.Since(start).Seconds())
	r.value("disk.device", strings.TrimPrefix(dev, "/dev/"))
	r.value("disk.bytes", n)
	r.value("disk.sha256", fmt.Sprintf("%x", read.Sum(nil)))
	r.check(string(written.Sum(nil)) == string(read.Sum(nil)), "what was read is not what was written")
}

// hasBootRecord tells disks that somebody boots from.
func hasBootRecord(sector []byte) bool { return bytes.Equal(sector[510:512], []byte{0x55, 0xaa}) }
