package main

import (
	"cmp"
	"flag"
	"fmt"
	"slices"

	"perdure/cmd/internal/ask"
	"perdure/partition/abi"
)

var cmdTrace = command{
	name:  "trace",
	short: "Print the last VM exits of each processor",
	long: `Each processor keeps its last exits in a ring. The list is in order of time, the
newest last; DELTA is TSC ticks since the exit before it on the same processor.
With --json every exit is an object of its own.`,
	flags: func(fs *flag.FlagSet) func(*env, []string) error {
		cpu := fs.Int("cpu", -1, "only this `processor`")
		last := fs.Int("n", 40, "only the last `exits` exits; 0 is all that are kept")
		return func(e *env, args []string) error { return trace(e, args, *cpu, *last) }
	},
}

// exitJSON is one line of "hvctl trace --json".
type exitJSON struct {
	CPU           int    `json:"cpu"`
	TSC           uint64 `json:"tsc"`
	Delta         uint64 `json:"delta"`
	Partition     uint16 `json:"partition"`
	VP            uint16 `json:"vp"`
	Reason        uint32 `json:"reason"`
	Name          string `json:"name"`
	RIP           uint64 `json:"rip"`
	Qualification uint64 `json:"qualification"`
}

// exitsOf reads one processor's ring.
func exitsOf(c ask.Caller, cpu int) (list []exitJSON, err error) {
	before := uint64(0)
	for seq := uint64(0); ; {
		entries, next, err := ask.Trace(c, cpu, seq)
		if err != nil || len(entries) == 0 || next <= seq {
			return list, err
		}
		for _, t := range entries {
			x := exitJSON{cpu, t.TSC, 0, t.Partition, t.VP, t.Reason, abi.ReasonName(t.Reason), t.RIP, t.Qual}
			if before != 0 {
				x.Delta = since(t.TSC, before)
			}
			list, before = append(list, x), t.TSC
		}
		seq = next
		if len(list) > 1<<16 {
			return list, nil // exits come as fast as we read
		}
	}
}

func trace(e *env, args []string, cpu, last int) error {
	if err := none(args); err != nil {
		return err
	}
	if last < 0 || cpu < -1 {
		return usageError("processor and exits are not negative")
	}
	c, err := e.open()
	if err != nil {
		return err
	}
	i, err := ask.Info(c)
	if err != nil {
		return err
	}
	var all []exitJSON
	for n := range int(i.CPUs) {
		if cpu >= 0 && cpu != n {
			continue
		}
		list, err := exitsOf(c, n)
		if err != nil {
			return err
		}
		all = append(all, list...)
	}
	if cpu >= int(i.CPUs) {
		return fmt.Errorf("there is no processor %d; the last is %d", cpu, i.CPUs-1)
	}
	slices.SortStableFunc(all, func(a, b exitJSON) int { return cmp.Compare(a.TSC, b.TSC) })
	if last > 0 {
		all = all[max(0, len(all)-last):]
	}
	rows := [][]string{{" TSC", " DELTA", " CPU", " VP", "EXIT", " RIP", " QUALIFICATION"}}
	for _, x := range all {
		if e.json {
			if err := e.emitLine(x); err != nil {
				return err
			}
		}
		rows = append(rows, []string{fmt.Sprint(x.TSC), fmt.Sprint(x.Delta), fmt.Sprint(x.CPU), fmt.Sprintf("%d.%d", x.Partition, x.VP),
			x.Name, fmt.Sprintf("%#x", x.RIP), fmt.Sprintf("%#x", x.Qualification)})
	}
	if !e.json {
		table(e.out, rows)
	}
	return nil
}
