package main

import (
	"errors"
	"fmt"
	"os"
	"sync"

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

// served is a disk that is served: by whoever hears that something is wanted of
// it, as far as that is done at once; the rest by a goroutine of its own, so that
// one that waits for its file keeps no other one waiting.
type served struct {
	key    diskKey
	name   string // of the guest
	memory []byte
	file   *os.File
	awake  chan struct{}

	busy sync.Mutex // guards what follows; whoever has it looks at the ring before giving it back
	ring *disk.Ring // nil: it has gone away
	ill  bool       // somebody was told of an error
}

// wake has some disks look into their rings.
func (s *server) wake(which func(d *served) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.disks {
		if which(d) {
			d.wake()
		}
	}
}

// disksOf adds the disks of a partition to a list.
func (s *server) disksOf(partition uint32, list []*served) []*served {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, d := range s.disks {
		if key.partition == partition {
			list = append(list, d)
		}
	}
	return list
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

// about is what d is called when there is something to say of it.
func (d *served) about() string { return fmt.Sprintf("%s, disk %d", d.name, d.key.index) }

// answered tells the hypervisor to look into d's ring.
func (d *served) answered(c ask.Caller) {
	c.Call(abi.CallRing, nil, uint64(d.key.partition), uint64(d.key.index))
}

// note tells of an error of one of the requests that were just answered, if any
// were, and that there are no more.
func (s *server) note(d *served, answered int) {
	if answered == 0 || d.ring.Last == nil && !d.ill {
		return
	}
	s.complain(d.about(), d.ring.Last)
	d.ill, d.ring.Last = d.ring.Last != nil, nil
}

// serveNow does what is wanted of d and need not be waited for. The rest is for
// the goroutine that serves d, and so is a ring that goes away.
func (s *server) serveNow(d *served, c ask.Caller) {
	rest := true
	if c != nil && d.busy.TryLock() {
		for rest = false; d.ring != nil; {
			n, waits := d.ring.ServeNow(func() { d.answered(c) })
			s.note(d, n)
			if rest = waits || d.ring.Closing(); rest || !d.ring.Want() {
				break
			}
		}
		d.busy.Unlock()
	}
	if rest {
		d.wake()
	}
}

// wake has the goroutine that serves d look into its ring.
func (d *served) wake() {
	select {
	case d.awake <- struct{}{}:
	default:
	}
}

// serveDisk serves a disk until its ring goes away.
func (s *server) serveDisk(d *served) {
	c, err := s.open() // the right to make calls is a thread's: this goroutine's from here on
	if err != nil {
		s.complain(d.about(), err)
	}
	for err == nil && !d.ring.Closing() {
		d.busy.Lock()
		s.note(d, d.ring.Serve(func() { d.answered(c) }))
		queued := d.ring.Want()
		d.busy.Unlock()
		if !queued {
			<-d.awake
		}
	}
	s.mu.Lock()
	delete(s.disks, d.key)
	s.mu.Unlock()
	d.busy.Lock()
	d.ring.Leave()
	d.ring = nil // nobody looks into it from here on
	d.busy.Unlock()
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
