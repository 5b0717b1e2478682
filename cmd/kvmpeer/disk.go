package main

import (
	"encoding/binary"
	"syscall"
)

const (
	idBlock    = 2
	blkSegMax  = 1 << 2
	blkFlush   = 1 << 9
	sectorSize = 512
	blkIn      = 0
	blkOut     = 1
	blkSync    = 4
)

// disk serves a file. It works in the guest's own thread: for one request at a
// time that is the shortest way.
type disk struct {
	device
	fd   int // of the file
	segs []segment
}

func newDisk(g *guest, fd int, size int64) *device {
	d := &disk{fd: fd}
	config := make([]byte, 64)
	binary.LittleEndian.PutUint64(config, uint64(size/sectorSize))
	binary.LittleEndian.PutUint32(config[12:], 64) // seg_max
	d.device = device{g: g, id: idBlock, features: modern | blkSegMax | blkFlush, config: config, notify: d.kick}
	return &d.device
}

// kick serves all requests.
func (d *disk) kick(int) {
	q, mem, served := &d.queues[0], d.g.mem, false
	for {
		var head uint16
		var ok bool
		if head, d.segs, ok = q.peek(mem, d.segs[:0]); !ok {
			break
		}
		n := d.request(d.segs)
		q.use(mem, head, n)
		served = true
	}
	if served {
		d.done(q)
	}
}

// request does one: a head of 16 bytes, data, a byte of status.
func (d *disk) request(segs []segment) (written int) {
	le := binary.LittleEndian
	head, status := segs[0].bytes, &segs[len(segs)-1].bytes[0]
	kind, at := le.Uint32(head), int64(le.Uint64(head[8:]))*sectorSize
	*status = 0
	for _, s := range segs[1 : len(segs)-1] {
		ok := true
		switch kind {
		case blkIn:
			ok = transfer(syscall.SYS_PREAD64, d.fd, s.bytes, at)
			written += len(s.bytes)
		case blkOut:
			ok = transfer(syscall.SYS_PWRITE64, d.fd, s.bytes, at)
		}
		if !ok {
			*status = 1
		}
		at += int64(len(s.bytes))
	}
	if kind == blkSync && syscall.Fsync(d.fd) != nil {
		*status = 1
	}
	return written + 1
}
