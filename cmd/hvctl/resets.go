package main

import (
	"flag"
	"fmt"

	"perdure/cmd/internal/ask"
	"perdure/partition/abi"
)

var cmdResets = command{
	name:  "resets",
	short: "Show how the hypervisor recovered from failures of its own",
	long: `One line for each recovery that is remembered, the last 16: what was noticed and
where, which rung of the ladder was taken, whose exit was dropped and is repeated,
and how many ticks of the time-stamp counter (instructions in an emulator) it took
from the fault, if one was injected, to noticing it, and from then until the first
and the last processor went on. "--json" has the registers and the stack too.`,
	flags: func(fs *flag.FlagSet) func(*env, []string) error {
		return func(e *env, args []string) error {
			if len(args) > 0 {
				return usageError("resets takes no words")
			}
			return e.resets()
		}
	},
}

// resetJSON is one recovery of "hvctl resets --json".
type resetJSON struct {
	Number    uint64     `json:"number"`
	Cause     string     `json:"cause"`
	Text      string     `json:"text,omitempty"`
	Rung      string     `json:"rung"`
	Reason    string     `json:"reason"`
	Processor uint32     `json:"processor"`
	Partition *uint32    `json:"partition,omitempty"` // whose exit was dropped
	VP        *uint32    `json:"vp,omitempty"`
	Exit      string     `json:"exit,omitempty"`
	GuestRIP  string     `json:"guest_rip,omitempty"`
	Repeats   uint64     `json:"repeats,omitempty"`
	Tries     uint64     `json:"tries"`
	Copied    uint64     `json:"copied_pages,omitempty"`
	Detect    uint64     `json:"ticks_fault_to_notice,omitempty"`
	Reset     uint64     `json:"ticks_to_reset"`
	Repair    uint64     `json:"ticks_to_repaired"`
	First     uint64     `json:"ticks_to_first"`
	Last      uint64     `json:"ticks_to_last"`
	Back      []uint64   `json:"ticks_to_each"`
	Vector    uint64     `json:"vector"`
	Error     string     `json:"error_code"`
	RIP       string     `json:"rip"`
	CR2       string     `json:"cr2"`
	RSP       string     `json:"rsp"`
	Flags     string     `json:"rflags"`
	Registers [15]string `json:"registers_r15_first"`
	Stack     []string   `json:"stack"`
}

func hex(v uint64) string { return fmt.Sprintf("%#x", v) }

// viewReset makes the JSON of a recovery.
func viewReset(r *abi.Reset) (j resetJSON) {
	j = resetJSON{
		Number: r.Number, Cause: r.Cause.String(), Text: abi.Text(r.Text[:]), Rung: r.Rung.String(), Reason: r.Reason.String(),
		Processor: r.Processor, Repeats: r.Repeats, Tries: r.Tries, Copied: r.Copied,
		Reset: r.Began - r.Noticed, Repair: r.Repaired - r.Noticed,
		Vector: r.Vector, Error: hex(r.Error), RIP: hex(r.At), CR2: hex(r.CR2), RSP: hex(r.RSP), Flags: hex(r.Flags),
	}
	if r.Fault != 0 {
		j.Detect = r.Noticed - r.Fault
	}
	if r.Partition != abi.NoPartition {
		j.Partition, j.VP, j.Exit, j.GuestRIP = &r.Partition, &r.VP, abi.ReasonName(uint32(r.Exit)), hex(r.RIP)
	}
	for _, at := range r.Back {
		if at != 0 {
			t := at - r.Noticed
			j.Back = append(j.Back, t)
			if j.First == 0 || t < j.First {
				j.First = t
			}
			j.Last = max(j.Last, t)
		}
	}
	for i, v := range r.Regs {
		j.Registers[i] = hex(v)
	}
	for _, v := range r.Stack {
		j.Stack = append(j.Stack, hex(v))
	}
	return j
}

func (e *env) resets() error {
	c, err := e.open()
	if err != nil {
		return err
	}
	list, err := ask.Resets(c)
	if err != nil {
		return err
	}
	views := []resetJSON{}
	rows := [][]string{{" NO", "CAUSE", "RUNG", "REASON", " CPU", "EXIT DROPPED", "HYPERVISOR AT", " NOTICED", " FIRST", " LAST"}}
	for i := range list {
		j := viewReset(&list[i])
		views = append(views, j)
		exit, noticed := "", ""
		if j.Partition != nil {
			exit = fmt.Sprintf("%d.%d %s %s", *j.Partition, *j.VP, j.Exit, j.GuestRIP)
		}
		if list[i].Fault != 0 {
			noticed = fmt.Sprint(j.Detect)
		}
		rows = append(rows, []string{fmt.Sprint(j.Number), j.Cause, j.Rung, j.Reason, fmt.Sprint(j.Processor), exit, j.RIP, noticed, fmt.Sprint(j.First), fmt.Sprint(j.Last)})
	}
	if e.json {
		return e.emit(views)
	}
	table(e.out, rows)
	return nil
}
