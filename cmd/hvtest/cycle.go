package main

import (
	"errors"
	"flag"
	"fmt"
	"time"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/call"
	"perdure/cmd/internal/guest"
	"perdure/cmd/internal/guestfile"
	"perdure/partition/abi"
)

var cycleTest = test{"cycle", "create, start and destroy a guest again and again: cycle FILE.toml", func(fs *flag.FlagSet) func(*report) {
	n := fs.Int("n", 200, "how often")
	return func(r *report) {
		if c, ok := newCycle(r, fs.Arg(0)); ok {
			c.run(*n)
		}
	}
}}

// cycle is a guest that comes and goes.
type cycle struct {
	*guest.Host
	r    *report
	file *guestfile.Guest
	boot *guest.Boot
}

func newCycle(r *report, path string) (*cycle, bool) {
	port, err := call.Open()
	if !r.error("hypervisor", err) {
		return nil, false
	}
	c := &cycle{Host: guest.NewHost(port), r: r}
	c.Gap = 200 * time.Microsecond
	if c.file, err = guestfile.Read(path); !r.error("guest file", err) {
		return nil, false
	}
	c.boot, err = guest.Prepare(c.file)
	return c, r.error("guest", err)
}

// The ways in which a guest comes and goes; each must leave nothing behind.
func (c *cycle) lives() []life {
	name := c.file.Name
	control := func(id uint32, ops ...abi.Op) error {
		for _, op := range ops {
			if err := c.control(id, op); err != nil {
				return fmt.Errorf("%v: %w", op, err)
			}
		}
		return nil
	}
	created := func() (uint32, error) { return c.Create(c.file, c.boot) }
	return []life{
		{"runs", func() error {
			id, err := created()
			if err == nil {
				err = c.Start(name)
			}
			if err == nil {
				err = c.worked(id)
			}
			return err
		}},
		{"is destroyed while its memory is made", func() error {
			config := c.file.Config()
			config.Token = 1
			_, err := ask.Create(c, config)
			return err
		}},
		{"was never started", func() error { _, err := created(); return err }},
		{"is paused", func() error {
			id, err := created()
			if err == nil {
				err = control(id, abi.OpStart, abi.OpPause)
			}
			return err
		}},
		{"is stopped, begins anew and is off", func() error {
			id, err := created()
			if err == nil {
				err = control(id, abi.OpStart, abi.OpStop)
			}
			if err == nil {
				err = c.Off(id, time.Minute)
			}
			if err == nil {
				err = c.Reload(name)
			}
			return err
		}},
	}
}

type life struct {
	name string
	do   func() error
}

// control asks again while something else is under way.
func (c *cycle) control(id uint32, op abi.Op) error {
	for limit := time.Now().Add(time.Minute); ; time.Sleep(c.Gap) {
		if _, err := ask.Control(c, id, op); !errors.Is(err, abi.ErrBusy) || time.Now().After(limit) {
			return err
		}
	}
}

// worked waits until a guest has executed something.
func (c *cycle) worked(id uint32) error {
	_, err := c.Await(id, time.Minute, func(p *abi.Partition) (bool, error) { return p.Exits > 0 && p.Run > 0, nil })
	return err
}

// trace is what must be as before when a guest is gone.
type trace struct {
	owners                   uint64
	free, guests, kept, used uint64
	partitions               uint32
}

func (c *cycle) trace() (t trace, err error) {
	i, err := ask.Info(c)
	return trace{i.Owners, i.Mem.Free, i.Mem.Guests, i.Mem.Kept, i.Mem.KeptUsed, i.Partitions}, err
}

func (c *cycle) run(n int) {
	ways := c.lives()
	var first trace
	for i := range n + 1 { // the first one makes what stays
		way := ways[i%len(ways)]
		start := time.Now()
		err := way.do()
		err = errors.Join(err, c.Destroy(c.file.Name))
		if !c.r.error(fmt.Sprintf("round %d, a guest that %s", i, way.name), err) {
			return
		}
		now, err := c.trace()
		if !c.r.error("info", err) {
			return
		}
		if i == 0 {
			first = now
			c.r.value("cycle.seconds", time.Since(start).Seconds())
			continue
		}
		if !c.r.check(now == first, "round %d, a guest that %s: left %+v, want %+v", i, way.name, now, first) {
			return
		}
	}
	c.r.value("cycle.rounds", n)
	c.r.value("cycle.owners", fmt.Sprintf("%016x", first.owners))
}

var limitsTest = test{"limits", "create guests until no more fit: limits FILE.toml", func(fs *flag.FlagSet) func(*report) {
	return func(r *report) {
		if c, ok := newCycle(r, fs.Arg(0)); ok {
			c.limits()
		}
	}
}}

// limits runs into the bounds of memory, and of partitions and processors.
func (c *cycle) limits() {
	before, err := c.trace()
	if !c.r.error("info", err) {
		return
	}
	config := c.file.Config()
	abi.SetText(config.Name[:], "too-large")
	config.Token, config.Memory = 1, 1<<40
	_, err = ask.Create(c, config)
	c.r.check(errors.Is(err, abi.ErrMemory), "a guest of 1 TiB: %v, want %v", err, abi.ErrMemory)
	config.Memory, config.VPs = abi.MinMemory, abi.MaxGuestVPs+1
	_, err = ask.Create(c, config)
	c.r.check(errors.Is(err, abi.ErrArgument), "a guest with %d processors: %v, want %v", config.VPs, err, abi.ErrArgument)
	config.VPs = 1
	var names []string
	for err = nil; err == nil && len(names) < 1000; {
		config.Token++
		name := fmt.Sprintf("limit-%d", len(names))
		config.Name = [32]byte{}
		abi.SetText(config.Name[:], name)
		if _, err = ask.Create(c, config); err == nil {
			names = append(names, name)
		}
	}
	c.r.value("limits.guests", len(names))
	c.r.check(errors.Is(err, abi.ErrSpace) || errors.Is(err, abi.ErrMemory), "guest %d: %v, want %v or %v", len(names)+1, err, abi.ErrSpace, abi.ErrMemory)
	for _, name := range names {
		c.r.error(name, c.Destroy(name))
	}
	after, err := c.trace()
	c.r.error("info", err)
	c.r.check(after.free == before.free && after.partitions == before.partitions, "left %+v, want %+v", after, before)
}
