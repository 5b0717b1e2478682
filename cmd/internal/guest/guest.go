// Package guest brings guests up and down.
//
// The one idea: a guest is its file; the file is remembered for as long as the
// guest exists, so that whoever comes later can load it again.
package guest

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/guestfile"
	"perdure/partition/abi"
)

// Host is a hypervisor with guests.
type Host struct {
	ask.Caller
	Dir string        // where guest files are remembered
	Gap time.Duration // between two looks at something that takes time
	// Report hears how far something is that takes time: done of all.
	Report func(what string, done, all uint64)
}

// DefaultDir is where root remembers guest files.
const DefaultDir = "/run/perdure"

// NewHost returns the hypervisor that c reaches.
func NewHost(c ask.Caller) *Host {
	return &Host{Caller: c, Dir: DefaultDir, Gap: 5 * time.Millisecond, Report: func(string, uint64, uint64) {}}
}

// Why something could not be done with a guest.
var (
	ErrNone    = errors.New("there is no such partition")
	ErrState   = errors.New("its state does not allow that")
	ErrTimeout = errors.New("it takes too long")
)

// Find returns the partition of that name.
func (h *Host) Find(name string) (abi.Partition, error) {
	p, err := ask.Find(h, name)
	if errors.Is(err, abi.ErrNone) {
		return p, fmt.Errorf("%s: %w; \"hvctl list\" shows what there is", name, ErrNone)
	}
	return p, err
}

// byID returns a partition anew.
func (h *Host) byID(id uint32) (abi.Partition, error) {
	all, err := ask.Partitions(h)
	if err != nil {
		return abi.Partition{}, err
	}
	for _, p := range all {
		if p.ID == id {
			return p, nil
		}
	}
	return abi.Partition{}, ErrNone
}

// Await looks at a partition until done says that it is as it should be. A wait
// of 0 never ends by itself.
func (h *Host) Await(id uint32, wait time.Duration, done func(p *abi.Partition) (bool, error)) (abi.Partition, error) {
	for begin := time.Now(); ; time.Sleep(h.Gap) {
		p, err := h.byID(id)
		if err != nil {
			return p, err
		}
		if ok, err := done(&p); ok || err != nil {
			return p, err
		}
		if wait > 0 && time.Since(begin) > wait {
			return p, fmt.Errorf("%w: it is %s after %v", ErrTimeout, p.State, wait)
		}
	}
}

// created waits until a partition's memory is there and cleared.
func (h *Host) created(id uint32, name string) error {
	_, err := h.Await(id, 0, func(p *abi.Partition) (bool, error) {
		switch {
		case abi.Text(p.Name[:]) != name:
			return false, ErrNone // destroyed, and its number given to another one
		case p.State == abi.StateCreated:
			return true, nil
		case p.State == abi.StateStopped && p.Errno != 0:
			return false, abi.Errno(p.Errno)
		case p.State == abi.StateDestroying:
			return false, fmt.Errorf("it is being destroyed: %w", ErrState)
		}
		h.Report("clearing memory", uint64(p.Progress), 1000)
		return false, nil
	})
	return err
}

// Create makes a partition of g and loads b into it. A partition that could
// not be made or loaded is destroyed again.
func (h *Host) Create(g *guestfile.Guest, b *Boot) (id uint32, err error) {
	id, unlock, err := h.make(g)
	if err != nil {
		return 0, err
	}
	defer unlock()
	if err = h.created(id, g.Name); err == nil {
		err = h.load(id, b)
	}
	if err != nil {
		return 0, errors.Join(h.explain(g, err), h.Destroy(g.Name))
	}
	return id, nil
}

// make asks for the partition; nobody else loads it before unlock.
func (h *Host) make(g *guestfile.Guest) (id uint32, unlock func(), err error) {
	done, err := h.lock()
	if err != nil {
		return 0, nil, err
	}
	defer done()
	if p, err := ask.Find(h, g.Name); err == nil {
		return 0, nil, fmt.Errorf("%s exists and is %s: %w; \"hvctl destroy %s\" removes it", g.Name, p.State, abi.ErrExists, g.Name)
	}
	if err := h.unlike(g); err != nil {
		return 0, nil, err
	}
	if err := h.remember(g); err != nil {
		return 0, nil, err
	}
	if unlock, err = h.lockGuest(g.Name); err != nil {
		return 0, nil, err
	}
	c := g.Config()
	var token [8]byte
	rand.Read(token[:])
	rand.Read(c.Seed[:])
	c.Token = binary.LittleEndian.Uint64(token[:]) | 1
	if id, err = ask.Create(h, c); err != nil {
		if !errors.Is(err, abi.ErrExists) {
			h.forget(g.Name)
		}
		unlock()
		return 0, nil, h.explain(g, err)
	}
	return id, unlock, nil
}

// explain adds to an answer of the hypervisor's what a user can do about it.
func (h *Host) explain(g *guestfile.Guest, err error) error {
	i, infoErr := ask.Info(h)
	switch {
	case infoErr != nil:
		return err
	case errors.Is(err, abi.ErrMemory):
		all := g.Memory
		for _, d := range g.Disks {
			if d.File == "" {
				all += d.Capacity
			}
		}
		return fmt.Errorf("%w: %s wants %d MiB and %d MiB are free; what is free is set by root_mem= at boot", err, g.Name, all>>20, i.Mem.Free>>20)
	case errors.Is(err, abi.ErrSpace):
		return fmt.Errorf("%w; there are %d", err, i.Partitions)
	case errors.Is(err, abi.ErrArgument) && g.CPUs != 0 && g.CPUs&(1<<i.CPUs-1) == 0:
		return fmt.Errorf("%w: cpus = %q and the machine has %d", err, guestfile.FormatCPUs(g.CPUs), i.CPUs)
	}
	return err
}
