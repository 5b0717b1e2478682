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
	rows := [][]string{{" ID", "NAME", "STATE", " VPS", " MEMORY", " CPU TIME", " EXITS", "REASON"}}
	for _, p := range all {
		j := partitionJSON{p.ID, abi.Text(p.Name[:]), p.State.String(), p.VPs, p.Memory, p.Exits, span(p.Run, i.TSCHz).Seconds(), p.CallErrs, abi.Text(p.Reason[:])}
		answer = append(answer, j)
		rows = append(rows, []string{fmt.Sprint(j.ID), j.Name, j.State, fmt.Sprint(j.VPs), size(j.Memory), ago(span(p.Run, i.TSCHz)), fmt.Sprint(j.Exits), j.Reason})
	}
	if e.json {
		return e.emit(answer)
	}
	table(e.out, rows)
	return nil
}
