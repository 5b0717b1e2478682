package main

import (
	"bytes"
	"flag"
	"fmt"
	"time"

	"perdure/cmd/internal/ask"
	"perdure/partition/abi"
)

var cmdTop = command{
	name:  "top",
	short: "Watch partitions: processors, exits, memory, network",
	long: `The view is drawn again at each interval; Ctrl-C ends it. CPU is the share of a
processor that a VP had in the interval; a partition's is that of its VPs together,
so it may be above 100 %. --once, or --json, measures one interval
and ends.`,
	flags: func(fs *flag.FlagSet) func(*env, []string) error {
		interval := fs.Duration("interval", time.Second, "`time` to measure over")
		once := fs.Bool("once", false, "print one interval and end")
		return func(e *env, args []string) error { return top(e, args, *interval, *once) }
	},
}

// sample is what all counters are at one time.
type sample struct {
	info  abi.Info
	cpus  []abi.Processor
	parts []abi.Partition
	vps   []abi.Counters
	ports []abi.NetPort
	lines abi.Lines // of root
}

func takeSample(c ask.Caller) (s sample, err error) {
	if s.info, err = ask.Info(c); err != nil {
		return s, err
	}
	for i := range int(s.info.CPUs) {
		p, err := ask.Processor(c, i)
		if err != nil {
			return s, err
		}
		s.cpus = append(s.cpus, p)
	}
	if s.parts, err = ask.Partitions(c); err != nil {
		return s, err
	}
	for _, p := range s.parts {
		for vp := range p.VPs {
			n, err := ask.Counters(c, p.ID, vp)
			if err == abi.ErrNone {
				break // the partition ended in between
			} else if err != nil {
				return s, err
			}
			s.vps = append(s.vps, n)
		}
		for i := range uint32(abi.MaxNets) {
			port, err := ask.Port(c, p.ID, i)
			if err != nil {
				break // no such card
			}
			s.ports = append(s.ports, port)
		}
	}
	s.lines, err = ask.Lines(c, 0)
	return s, err
}

func top(e *env, args []string, interval time.Duration, once bool) error {
	if err := none(args); err != nil {
		return err
	}
	if interval <= 0 {
		return usageError("the interval is positive")
	}
	c, err := e.open()
	if err != nil {
		return err
	}
	before, err := takeSample(c)
	for err == nil {
		time.Sleep(interval)
		var now sample
		if now, err = takeSample(c); err != nil {
			break
		}
		view := viewOf(&before, &now)
		if e.json {
			return e.emit(view)
		}
		var page bytes.Buffer
		if !once {
			page.WriteString("\x1b[H\x1b[2J") // home, clear
		}
		view.draw(&page)
		if !once {
			fmt.Fprintf(&page, "\nevery %v, Ctrl-C ends\n", interval)
		}
		if _, err := e.out.Write(page.Bytes()); err != nil || once {
			return err
		}
		before = now
	}
	return err
}
