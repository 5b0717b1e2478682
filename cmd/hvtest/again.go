package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/internal/ask"
	"perdure/partition/abi"
)

var rebootTest = test{"reboot", "have a guest reboot, and wait until it is up again: reboot NAME", func(fs *flag.FlagSet) func(*report) {
	timeout := fs.Duration("timeout", 5*time.Minute, "for all of it")
	return func(r *report) {
		ctx, cancel := context.WithTimeout(context.Background(), *timeout)
		defer cancel()
		rebootGuest(ctx, r, fs.Arg(0))
	}
}}

// rebootGuest compares how often the guest has ended before and after. The new
// one has had no command yet.
func rebootGuest(ctx context.Context, r *report, name string) {
	h, err := openHypervisor()
	if !r.error("hypervisor", err) {
		return
	}
	halts := func() (n uint64) {
		var p abi.Partition
		h.do(func(c ask.Caller) { p, err = ask.Find(c, name) })
		r.error(name, err)
		return p.Halts
	}
	before := halts()
	l, err := h.dial(name)
	if !r.error(name, err) {
		return
	}
	old, err := emu.Join(ctx, emu.NewConsole(l))
	if !r.error("before", err) || !r.error("reboot", old.Start("reboot")) {
		return
	}
	for ; halts() == before; time.Sleep(100 * time.Millisecond) {
		if !r.error("waiting for its end", ctx.Err()) {
			return
		}
	}
	if l, err = h.dial(name); !r.error(name, err) {
		return
	}
	now, err := emu.Join(ctx, emu.NewConsole(l))
	if r.error("after", err) {
		r.check(now.Greeting.Last == 0, "it is up and has had %d commands", now.Greeting.Last)
	}
}

// killServers ends the process that serves guests' disks again and again, until
// stop is closed, and returns how often it did.
func killServers(stop <-chan struct{}) (n int) {
	for {
		select {
		case <-stop:
			return n
		case <-time.After(700 * time.Millisecond):
			n += killNow()
		}
	}
}

func killNow() (n int) {
	paths, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, p := range paths {
		line, _ := os.ReadFile(p)
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(p)))
		if args := bytes.Split(line, []byte{0}); err == nil && len(args) > 1 && filepath.Base(string(args[0])) == "hvctl" && string(args[1]) == "serve" {
			if unix.Kill(pid, unix.SIGKILL) == nil {
				n++
			}
		}
	}
	return n
}
