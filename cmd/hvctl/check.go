package main

import (
	"flag"
	"fmt"
	"slices"
	"time"

	"perdure/cmd/internal/ask"
	"perdure/partition/abi"
)

var cmdCheck = command{
	name:  "check",
	args:  " [memory]",
	short: "Have the hypervisor check itself",
	long: `The hypervisor goes through its own state in steps, while partitions run: kept
records, ownership of memory, what partitions can reach, its own page tables.
Exit status 1 means that something was wrong. "hvctl check memory" answers for
memory alone: every frame has one owner, and a partition reaches no other's.`,
	flags: func(fs *flag.FlagSet) func(*env, []string) error {
		wait := fs.Duration("timeout", time.Minute, "`time` to wait for the answer")
		return func(e *env, args []string) error { return check(e, args, *wait) }
	},
}

// checkJSON is the answer of "hvctl check --json".
type checkJSON struct {
	Good  bool       `json:"good"`
	Items []itemJSON `json:"items"`
}

type itemJSON struct {
	Name     string `json:"name"`
	Verdict  string `json:"verdict"` // good, bad, or "not checked"
	Examined uint64 `json:"examined"`
	Wrong    uint64 `json:"wrong"`
	First    uint64 `json:"first,omitempty"`
}

func check(e *env, args []string, wait time.Duration) error {
	items := []int{}
	switch {
	case len(args) == 1 && args[0] == "memory":
		items = memoryItems
	case len(args) > 0:
		return usageError(fmt.Sprintf("%q: all is checked, or \"memory\"", args[0]))
	}
	c, err := e.open()
	if err != nil {
		return err
	}
	request := uint64(time.Now().UnixNano()) | 1
	var r abi.Check
	for end := time.Now().Add(wait); ; time.Sleep(20 * time.Millisecond) {
		r, err = ask.Check(c, request)
		switch {
		case err == nil && r.Request == request && r.State == abi.CheckDone:
			return e.verdict(&r, items)
		case err != nil && err != abi.ErrBusy:
			return err
		case time.Now().After(end):
			return fmt.Errorf("no answer after %v; it is at %d of 1000", wait, r.Progress)
		}
	}
}

// memoryItems are those that say whose memory is whose.
var memoryItems = []int{abi.ItemFrames, abi.ItemEPT, abi.ItemEPTOwner}

// verdict prints a report that is complete: those items of it, or all if none
// are named.
func (e *env) verdict(r *abi.Check, items []int) error {
	answer := checkJSON{Good: true}
	rows := [][]string{{"CHECK", "VERDICT", " EXAMINED", " WRONG", "FIRST"}}
	for i, item := range r.Items {
		if len(items) > 0 && !slices.Contains(items, i) {
			continue
		}
		j := itemJSON{abi.ItemName(i), "not checked", item.Examined, item.Wrong, item.First}
		first := ""
		switch item.Verdict {
		case abi.VerdictGood:
			j.Verdict = "good"
		case abi.VerdictBad:
			j.Verdict, answer.Good, first = "bad", false, fmt.Sprintf("%#x", item.First)
		}
		answer.Items = append(answer.Items, j)
		rows = append(rows, []string{j.Name, j.Verdict, fmt.Sprint(j.Examined), fmt.Sprint(j.Wrong), first})
	}
	if e.json {
		if err := e.emit(answer); err != nil {
			return err
		}
	} else {
		table(e.out, rows)
	}
	if !answer.Good {
		return errFailed
	}
	return nil
}
