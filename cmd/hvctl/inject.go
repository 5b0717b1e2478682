package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"time"

	"perdure/cmd/internal/ask"
	"perdure/partition/abi"
)

var cmdInject = command{
	name:  "inject",
	short: "Make faults in the hypervisor and see what becomes of it (test images only)",
	long: `Each fault is made a number of instructions after an exit from a partition: a
chosen one, one after the other with --from and --to, or chance with --within. What
came of it is one of: not reached, nothing noticed, unwound (rung 0), microreset,
microreboot, quarantine, damage found. The seed and the number of a fault say all about it. The
kinds are failstop, register, code (put right when noticed), rot (code that stays
damaged), decay (a bit of any page of code, which stays), told (code that is told of
before a guest is entered, or --again instructions later), volatile, kept, hang,
panic and fail. Faults of registers are made after exits of guests, unless --root is said.`,
	flags: func(fs *flag.FlagSet) func(*env, []string) error {
		var o injectFlags
		fs.StringVar(&o.kind, "kind", "failstop", "`kind` of fault")
		fs.StringVar(&o.reason, "reason", "any", "exit `reason`, in the words of top, or any")
		fs.BoolVar(&o.guests, "guests", false, "only after exits of guests, as faults of registers are made if nothing is said")
		fs.BoolVar(&o.root, "root", false, "after exits of root too, for faults of registers: one that changes on its way to root or from it nobody can notice, and it may be root's last")
		fs.Uint64Var(&o.seed, "seed", 1, "of the chance")
		fs.IntVar(&o.count, "count", 1, "faults")
		fs.Uint64Var(&o.from, "from", 0, "first instruction of a sweep")
		fs.Uint64Var(&o.to, "to", 0, "last instruction of a sweep")
		fs.Uint64Var(&o.within, "within", 2000, "most instructions after the exit, by chance")
		fs.IntVar(&o.cpu, "cpu", -1, "processor, -1: by chance")
		fs.Uint64Var(&o.again, "again", 0, "instructions after the reset until a second fault; of told, after the fault until it is told of")
		fs.DurationVar(&o.wait, "wait", time.Second, "how long a fault may take to be reached")
		fs.DurationVar(&o.settle, "settle", 40*time.Millisecond, "how long it may take to be noticed")
		fs.IntVar(&o.check, "check", 10, "faults between two self checks, 0: none")
		fs.BoolVar(&o.verbose, "v", false, "a line for each")
		return func(e *env, args []string) error {
			if len(args) > 0 {
				return usageError("inject takes no words")
			}
			return e.inject(&o)
		}
	},
}

type injectFlags struct {
	kind, reason     string
	guests, root     bool
	seed             uint64
	count            int
	from, to, within uint64
	cpu              int
	again            uint64
	wait, settle     time.Duration
	check            int
	verbose          bool
}

// outcomes are what may become of a fault, in the order of the table.
var outcomes = []string{"not reached", "nothing noticed", "unwound", "microreset", "microreboot", "quarantine", "damage found"}

// injectJSON is the answer of "hvctl inject --json".
type injectJSON struct {
	Kind     string         `json:"kind"`
	Seed     uint64         `json:"seed"`
	Count    int            `json:"count"`
	Outcomes map[string]int `json:"outcomes"`
	Detect   uint64         `json:"most_ticks_fault_to_notice"`
	Back     uint64         `json:"most_ticks_notice_to_first"`
	Lost     int            `json:"guests_lost"` // that were there, and are stopped or gone
	Good     bool           `json:"good"`        // the last self check
}

// ofGuests reports whether faults are made only after exits of guests: those that a guest
// feels and the hypervisor cannot are then not root's.
func (o *injectFlags) ofGuests() bool {
	return o.guests || o.kind == abi.SlipRegister.String() && !o.root && o.reason == "any"
}

// order makes fault i.
func (o *injectFlags) order(i int, cpus uint32) (r abi.Injection, err error) {
	for r.Kind = 1; r.Kind < abi.NumSlips && r.Kind.String() != o.kind; r.Kind++ {
	}
	if r.Kind == abi.NumSlips {
		return r, usageError(fmt.Sprintf("there is no kind %q", o.kind))
	}
	r.Reason = abi.AnyReason
	if o.reason != "any" {
		for r.Reason = 0; r.Reason < abi.NumReasons && abi.ReasonName(uint32(r.Reason)) != o.reason; r.Reason++ {
		}
		if r.Reason == abi.NumReasons {
			return r, usageError(fmt.Sprintf("there is no exit reason %q", o.reason))
		}
	}
	if o.ofGuests() {
		r.Reason = abi.AnyOfGuests
	}
	chance := rand.New(rand.NewPCG(o.seed, uint64(i)))
	r.Processor, r.Skip, r.Steps = chance.Uint64N(uint64(cpus)), chance.Uint64N(8), 1+chance.Uint64N(o.within)
	r.Target, r.Bit, r.Again = chance.Uint64(), chance.Uint64(), o.again
	if r.Kind == abi.SlipRegister {
		if r.Target %= 18; r.Target == 17 {
			r.Bit %= 16
		}
	}
	if o.to != 0 {
		r.Steps, r.Skip = o.from+uint64(i), 0
	}
	if o.cpu >= 0 {
		r.Processor = uint64(o.cpu)
	}
	return r, nil
}

func (e *env) inject(o *injectFlags) error {
	c, err := e.open()
	if err != nil {
		return err
	}
	info, err := ask.Info(c)
	if err != nil {
		return err
	}
	if o.to != 0 {
		o.count = int(o.to-o.from) + 1
	}
	before, err := guestsAlive(c)
	if err != nil {
		return err
	}
	if o.ofGuests() && len(before) == 0 {
		return errors.New("no guest runs whose exits faults could be made after; --root makes them after root's")
	}
	j := injectJSON{Kind: o.kind, Seed: o.seed, Count: o.count, Outcomes: map[string]int{}, Good: true}
	for i := range o.count {
		r, err := o.order(i, info.CPUs)
		if err != nil {
			return err
		}
		out, err := e.oneFault(c, o, &r, &j)
		if errors.Is(err, abi.ErrCall) {
			return errors.New("the hypervisor that runs cannot make faults; start build/perdure-inject.img, or hot-restart into it")
		}
		if err != nil {
			return err
		}
		if o.check > 0 && (i%o.check == o.check-1 || i == o.count-1) && !e.sound(c) {
			out, j.Good = "damage found", false
		}
		j.Outcomes[out]++
		if o.verbose && !e.json {
			fmt.Fprintf(e.out, "%d: processor %d, %d instructions, target %d, bit %d: %s\n", i, r.Processor, r.Steps, r.Target, r.Bit&63, out)
		}
		if !j.Good {
			break
		}
	}
	after, err := guestsAlive(c)
	if err != nil {
		return err
	}
	for id := range before {
		if !after[id] {
			j.Lost++
		}
	}
	if e.json {
		err = e.emit(j)
	} else {
		rows := [][]string{{"OUTCOME", " FAULTS"}}
		for _, name := range outcomes {
			if n := j.Outcomes[name]; n != 0 {
				rows = append(rows, []string{name, fmt.Sprint(n)})
			}
		}
		table(e.out, rows)
		fmt.Fprintf(e.out, "At most %d ticks from a fault to noticing it, %d from there until the first processor went on.\n", j.Detect, j.Back)
		fmt.Fprintf(e.out, "Guests: %d before, %d of them lost.\n", len(before), j.Lost)
		switch {
		case !j.Good:
			fmt.Fprintln(e.out, "A self check has found damage: see \"hvctl check\".")
		case o.check > 0:
			fmt.Fprintln(e.out, "A self check finds everything in order.")
		}
	}
	if err == nil && !j.Good {
		return errFailed
	}
	return err
}
