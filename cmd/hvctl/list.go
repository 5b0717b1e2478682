package main

import (
	"flag"
	"fmt"

	"perdure/cmd/internal/ask"
	"perdure/partition/abi"
)

var cmdList = command{
	name:  "list",
	short: "List the partitions",
	flags: func(*flag.FlagSet) func(*env, []string) error { return list },
}

// partitionJSON is one entry of "hvctl list --json".
type partitionJSON struct {
	ID         uint32  `json:"id"`
	Name       string  `json:"name"`
	State      string  `json:"state"`
	VPs        uint32  `json:"vps"`
	Memory     uint64  `json:"memory"`
	Exits      uint64  `json:"exits"`
	RunSeconds float64 `json:"run_seconds"`
	CallErrors uint64  `json:"hypercall_errors"`
	Reason     string  `json:"reason,omitempty"`
	Progress   float64 `json:"progress"` // of what it is in the middle of, from 0 to 1
	Weight     uint32  `json:"weight"`
	CPUMask    uint64  `json:"cpu_mask"` // 0: any processor
	Overhead   uint64  `json:"overhead"` // bytes of the hypervisor's that are there for it
	Halts      uint64  `json:"halts"`    // resets, power-offs and stops of it so far
	Console    uint64  `json:"console_position"`
	Created    uint64  `json:"created_tsc"`
	Waited     float64 `json:"wait_seconds"` // that its VPs wanted a processor and had none
}

// reasonOf says why a partition is in a state that it did not choose, or how
// far it is on its way to another.
func reasonOf(p *abi.Partition) string {
	switch {
	case p.State == abi.StateStopped && p.Errno != 0:
		return "not created: " + abi.Errno(p.Errno).Error()
	case p.State == abi.StateCreating || p.State == abi.StateDestroying:
		return fmt.Sprintf("%.0f %%", float64(p.Progress)/10)
	}
	return abi.Text(p.Reason[:])
}

func list(e *env, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	c, err := e.open()
	if err != nil {
		return err
	}
	i, err := ask.Info(c)
	if err != nil {
		return err
	}
	all, err := ask.Partitions(c)
	if err != nil {
		return err
	}
	answer := []partitionJSON{}
	rows := [][]string{{" ID", "NAME", "STATE", " VPS", " WEIGHT", " MEMORY", " CPU TIME", " EXITS", "REASON"}}
	for _, p := range all {
		j := partitionJSON{p.ID, abi.Text(p.Name[:]), p.State.String(), p.VPs, p.Memory, p.Exits, span(p.Run, i.TSCHz).Seconds(), p.CallErrs,
			reasonOf(&p), float64(p.Progress) / 1000, p.Weight, p.CPUs, p.Overhead, p.Halts, p.ConsoleEnd, p.Created, span(p.Waited, i.TSCHz).Seconds()}
		answer = append(answer, j)
		rows = append(rows, []string{fmt.Sprint(j.ID), j.Name, j.State, fmt.Sprint(j.VPs), fmt.Sprint(j.Weight), size(j.Memory), ago(span(p.Run, i.TSCHz)), fmt.Sprint(j.Exits), j.Reason})
	}
	if e.json {
		return e.emit(answer)
	}
	table(e.out, rows)
	return nil
}
