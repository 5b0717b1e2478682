package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/disk"
	"perdure/partition/abi"
)

// diskKey is a disk of a partition, and of no later partition of that number.
type diskKey struct {
	partition, index uint32
	created          uint64
}

// served is a disk that is served, by a goroutine of its own: one that waits for
// its file keeps no other one waiting.
type served struct {
	key    diskKey
	name   string // of the guest
	ring   *disk.Ring
	memory []byte
	file   *os.File
	awake  chan struct{}
}

// wake has some disks look into their rings.
func (s *server) wake(which func(d *served) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.disks {
		if which(d) {
			select {
			case d.awake <- struct{}{}:
			default:
			}
		}
	}
}

// connect begins to serve a guest's disks that are files and not served yet.
func (s *server) connect(p *abi.Partition) {
	for i := range uint32(abi.MaxDisks) {
		key := diskKey{p.ID, i, p.Created}
		s.mu.Lock()
		known := s.disks[key] != nil
		s.mu.Unlock()
		if known {
			continue
		}
		info, err := ask.Disk(s.host, p.ID, i)
		if err != nil || info.Kind != abi.DiskFile || info.Ring == 0 {
			continue
		}
		name := abi.Text(p.Name[:])
		d, err := s.attach(key, name, &info)
		s.complain(fmt.Sprintf("%s, disk %d", name, i), err)
		if err == nil {
			s.mu.Lock()
			s.disks[key] = d
			s.mu.Unlock()
			go s.serveDisk(d)
		}
	}
}

// attach finds the file of a disk, and its ring.
func (s *server) attach(key diskKey, name string, info *abi.DiskInfo) (*served, error) {
	g, err := s.host.Recall(name)
	if err != nil {
		return nil, err
	}
	if int(key.index) >= len(g.Disks) || g.Disks[key.index].File == "" {
		return nil, errors.New("the guest's file has no such disk any more: destroy the guest and create it anew")
	}
	f, err := disk.Open(g.Disks[key.index].File, info.Capacity, info.Flags&abi.DiskReadOnly != 0)
	if err != nil {
		return nil, err
	}
	m, err := s.mapAt(info.Ring, info.RingSize)
	if err != nil {
		f.Close()
		return nil, err
	}
	r, err := disk.New(m, f)
	if err != nil {
		s.unmap(m)
		f.Close()
		return nil, err
	}
	return &served{key: key, name: name, ring: r, memory: m, file: f, awake: make(chan struct{}, 1)}, nil
}

// serveDisk serves a disk until its ring goes away.
func (s *server) serveDisk(d *served) {
	about := fmt.Sprintf("%s, disk %d", d.name, d.key.index)
	c, err := s.open() // the right to make calls is a thread's: this goroutine's from here on
	if err != nil {
		s.complain(about, err)
	}
	answered := func() {
		if err == nil {
			c.Call(abi.CallRing, nil, uint64(d.key.partition), uint64(d.key.index))
		}
	}
	for err == nil && !d.ring.Closing() {
		if d.ring.Serve(answered) > 0 {
			s.complain(about, d.ring.Last)
			d.ring.Last = nil
		}
		if !d.ring.Want() {
			<-d.awake
		}
	}
	s.mu.Lock()
	delete(s.disks, d.key) // nobody looks into the ring from here on
	s.mu.Unlock()
	d.ring.Leave()
	s.unmap(d.memory)
	d.file.Close()
}

// openEvents opens the console on which events come, as a line of bytes.
func openEvents(path string) (fd int, err error) {
	fd, err = unix.Open(path, unix.O_RDONLY|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return fd, nil // not a terminal
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return fd, unix.IoctlSetTermios(fd, unix.TCSETS, t)
}
