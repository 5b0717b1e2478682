package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"perdure/cmd/hvrun/emu"
)

var inTest = test{"in", "run a command in guests, in all at the same time: in NAME,NAME… COMMAND…", func(fs *flag.FlagSet) func(*report) {
	timeout := fs.Duration("timeout", 10*time.Minute, "for all of it")
	kill := fs.Bool("kill", false, "end the process that serves disks again and again meanwhile")
	mean := &meanwhile{}
	fs.StringVar(&mean.commands, "meanwhile", "", "commands to run here while they run it, separated by semicolons")
	fs.StringVar(&mean.first, "first", "", "commands to run once before these")
	fs.IntVar(&mean.times, "times", 1, "how often")
	fs.DurationVar(&mean.after, "after", 5*time.Second, "before each time")
	fs.StringVar(&mean.marks, "marks", "", "wait for the file MARKS.begun, and make MARKS.over when that is over")
	return func(r *report) {
		if !r.check(fs.NArg() > 1, "want the names of guests and a command") {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), *timeout)
		defer cancel()
		killed, stop := make(chan int, 1), make(chan struct{})
		if *kill {
			go func() { killed <- killServers(stop) }()
		}
		mean.begin(ctx, r)
		inGuests(ctx, r, strings.Split(fs.Arg(0), ","), fs.Args()[1:])
		mean.end(r)
		if close(stop); *kill {
			n := <-killed
			r.value("in.killed", n)
			r.check(n > 0, "nobody serves disks")
		}
	}
}}

// rootName among the guests' names is this system itself.
const rootName = "root"

// inGuests runs a command in guests that were started with hvrun=1.
func inGuests(ctx context.Context, r *report, names, command []string) {
	h, err := openHypervisor()
	if !r.error("hypervisor", err) {
		return
	}
	// All are up before the first one begins.
	roots := make([]*emu.Root, len(names))
	for i, name := range names {
		if name == rootName {
			continue
		}
		l, err := h.dial(name)
		if !r.error(name, err) {
			return
		}
		if roots[i], err = emu.Join(ctx, emu.NewConsole(l)); !r.error(name, err) {
			return
		}
	}
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() {
			start := time.Now()
			output, status, err := runIn(ctx, roots[i], command)
			r.lines(name, output)
			r.value(name+".seconds", time.Since(start).Seconds())
			r.error(name, err)
			r.check(err != nil || status == 0, "%s: %s ends with status %d", name, command[0], status)
		})
	}
	all.Wait()
}

// runIn runs a command in a guest, or here if there is none.
func runIn(ctx context.Context, guest *emu.Root, command []string) (output []byte, status int, err error) {
	if guest != nil {
		return guest.Run(ctx, command...)
	}
	var exit *exec.ExitError
	output, err = exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
	if errors.As(err, &exit) {
		return output, exit.ExitCode(), nil
	}
	return output, 0, err
}

// lines prints what somebody else said.
func (r *report) lines(name string, text []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range bytes.Lines(text) {
		fmt.Fprintf(r.out, "%s: %s\n", name, bytes.TrimRight(line, "\r\n"))
	}
}

var fetchTest = test{"fetch", "read what a host sends on a connection: fetch ADDRESS:PORT", func(fs *flag.FlagSet) func(*report) {
	return func(r *report) {
		c, err := net.DialTimeout("tcp4", fs.Arg(0), tcpPatience)
		if r.error("connection", err) {
			defer c.Close()
			c.SetDeadline(time.Now().Add(tcpPatience))
			sum, err := hashOf(c, 1<<62)
			r.error("connection", err)
			r.value("fetch.sha256", sum)
		}
	}
}}

var hashTest = test{"hash", "print the SHA-256 of a file's first bytes: hash FILE", func(fs *flag.FlagSet) func(*report) {
	n := fs.Int64("bytes", 1<<62, "how many of its bytes")
	return func(r *report) {
		f, err := os.Open(fs.Arg(0))
		if r.error("file", err) {
			defer f.Close()
			sum, err := hashOf(f, *n)
			r.error("file", err)
			r.value("hash.sha256", sum)
		}
	}
}}
