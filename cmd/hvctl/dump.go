package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"time"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/guest"
	"perdure/partition/abi"
)

var cmdDump = command{
	name:  "dump",
	args:  " NAME",
	short: "Show a virtual processor: registers, controls, last exits",
	long: `A VP that runs is asked for its registers and goes on. With --address the way of a
linear address through the guest's page tables, and of where it leads through
the hypervisor's, is shown as well.`,
	flags: func(fs *flag.FlagSet) func(*env, []string) error {
		vp := fs.Uint("vp", 0, "this `VP`")
		address := fs.String("address", "", "walk this linear `address`")
		last := fs.Int("n", 8, "how many of its last `exits`")
		return func(e *env, args []string) error { return dump(e, args, uint32(*vp), *address, *last) }
	},
}

// dumped is what was found out about a VP.
type dumped struct {
	regs  abi.Registers
	walk  *abi.Walk // nil if none was asked for
	exits []exitJSON
}

func dump(e *env, args []string, vp uint32, address string, last int) error {
	linear, err := uint64(0), error(nil)
	if address != "" {
		if linear, err = strconv.ParseUint(address, 0, 64); err != nil {
			return usageError(fmt.Sprintf("--address %s: it is a number such as 0xffffffff81000000", address))
		}
	}
	name, h, err := e.one(args)
	if err != nil {
		return err
	}
	p, err := h.Find(name)
	if err != nil {
		return err
	}
	if vp >= p.VPs {
		return fmt.Errorf("%s has no VP %d; the last is %d: %w", name, vp, p.VPs-1, guest.ErrNone)
	}
	var answer dumped
	err = patiently("reading its registers takes", func() error {
		answer.regs, err = ask.Dump(h, p.ID, vp)
		return err
	})
	if err == nil && address != "" {
		err = patiently("reading its registers takes", func() error {
			w, err := ask.Walk(h, p.ID, vp, linear)
			answer.walk = &w
			return err
		})
	}
	if err != nil {
		return err
	}
	if answer.exits, err = exitsOfVP(h, p.ID, vp, last); err != nil {
		return err
	}
	if e.json {
		return e.emit(answer.json(name))
	}
	answer.draw(e.out, name)
	return nil
}

// busyWait is how long the hypervisor may say that it is busy with something.
const busyWait = 10 * time.Second

// patiently asks again while the hypervisor is busy with it.
func patiently(what string, do func() error) error {
	for end := time.Now().Add(busyWait); ; time.Sleep(time.Millisecond) {
		err := do()
		if !errors.Is(err, abi.ErrBusy) {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%w: %s more than %v", guest.ErrTimeout, what, busyWait)
		}
	}
}

// exitsOfVP returns a VP's last exits that are still kept.
func exitsOfVP(c ask.Caller, partition, vp uint32, last int) ([]exitJSON, error) {
	i, err := ask.Info(c)
	if err != nil {
		return nil, err
	}
	all := []exitJSON{}
	for cpu := range int(i.CPUs) {
		list, err := exitsOf(c, cpu)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			if uint32(x.Partition) == partition && uint32(x.VP) == vp {
				all = append(all, x)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b exitJSON) int {
		switch {
		case a.TSC < b.TSC:
			return -1
		case a.TSC > b.TSC:
			return 1
		}
		return 0
	})
	return all[max(0, len(all)-max(last, 0)):], nil
}
