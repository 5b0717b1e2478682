package main

import (
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/guestfile"
	"perdure/partition/abi"
)

var cmdSet = command{
	name:  "set",
	args:  " NAME [weight=N] [cpus=LIST]",
	short: "Change a guest's share of the processors, or which it may run on",
	long: `weight is its share where several want a processor, from 1 to 10000; a guest has
100 unless its file says otherwise, root has 400. cpus is a list such as 0-2,5, or
all. It holds at once, and until the guest is destroyed.`,
	flags: func(*flag.FlagSet) func(*env, []string) error { return set },
}

// change is one property to set.
type change struct {
	what  abi.Property
	value uint64
}

// parseChange reads one "name=value".
func parseChange(text string) (change, error) {
	name, value, _ := strings.Cut(text, "=")
	switch name {
	case "weight":
		n, err := strconv.ParseUint(value, 10, 32)
		if err != nil || n < 1 || n > abi.MaxWeight {
			return change{}, usageError(fmt.Sprintf("weight=%s: it is from 1 to %d", value, abi.MaxWeight))
		}
		return change{abi.SetWeight, n}, nil
	case "cpus":
		mask, err := guestfile.ParseCPUs(value)
		if err != nil {
			return change{}, usageError("cpus: " + err.Error())
		}
		return change{abi.SetCPUs, mask}, nil
	}
	return change{}, usageError(fmt.Sprintf("%q: there are weight=N and cpus=LIST", text))
}

func set(e *env, args []string) error {
	if len(args) < 2 {
		return usageError("it wants the name of a guest and what to change")
	}
	var changes []change
	for _, a := range args[1:] {
		c, err := parseChange(a)
		if err != nil {
			return err
		}
		changes = append(changes, c)
	}
	name, h, err := e.one(args[:1])
	if err != nil {
		return err
	}
	p, err := h.Find(name)
	if err != nil {
		return err
	}
	for _, c := range changes {
		err := ask.Set(h, p.ID, c.what, c.value)
		if i, none := ask.Info(h); errors.Is(err, abi.ErrArgument) && c.what == abi.SetCPUs && none == nil {
			return fmt.Errorf("cpus=%s: %w; there are processors 0 to %d, and one that runs partitions is wanted", guestfile.FormatCPUs(c.value), err, i.CPUs-1)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if p, err = h.Find(name); err != nil {
		return err
	}
	if e.json {
		return e.emit(struct {
			Name   string `json:"name"`
			Weight uint32 `json:"weight"`
			CPUs   string `json:"cpus"`
		}{name, p.Weight, guestfile.FormatCPUs(p.CPUs)})
	}
	_, err = fmt.Fprintf(e.out, "%s has weight %d, on processors %s\n", name, p.Weight, guestfile.FormatCPUs(p.CPUs))
	return err
}
