package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/guest"
	"perdure/partition/abi"
)

var cmdRestart = command{
	name:  "restart",
	args:  " IMAGE",
	short: "Replace the hypervisor by another build while all partitions run",
	long: `The image is judged, started beside the running hypervisor and shown everything
that there is; only then all processors change over to it, in far less than a
time slice. If anything is wrong with it before that, nothing happens but a
message; if it does not prove itself after that, the old one goes on. It must be
signed with the key that the hypervisor trusts; docs/hot-restart.md tells it all.

Without IMAGE, --report shows the last restart again, or the one under way.
Ctrl-C drops a restart that has not handed over.`,
	flags: func(fs *flag.FlagSet) func(*env, []string) error {
		var o restartOptions
		fs.BoolVar(&o.force, "force", false, "take the same build too")
		fs.StringVar(&o.mirror, "mirror", "auto", "auto: records stay in place if both have the same `layout`; full: they are copied in any case")
		fs.BoolVar(&o.native, "native", false, "change processors by loading their state, not by the flip")
		fs.Uint64Var(&o.budget, "budget", 0, "refuse if the blackout is foretold to take more `instructions` than that; 0: than the image promises")
		fs.Uint64Var(&o.weight, "weight", 0, fmt.Sprintf("the new instance's `share` of the processors until it takes over, as a guest's: 1 to %d, 0: %d", abi.MaxWeight, abi.DefaultWeight))
		fs.BoolVar(&o.dry, "dry", false, "do everything but the change")
		fs.BoolVar(&o.progress, "progress", false, "print each phase as it begins")
		fs.BoolVar(&o.report, "report", false, "print the whole report")
		fs.BoolVar(&o.abort, "abort", false, "drop the restart that is under way")
		fs.StringVar(&o.trace, "trace", "", "write a trace for Perfetto or Chrome to `file`")
		fs.StringVar(&o.fail, "fail", "", "in images built for it, for tests: fail at `edge`, such as boot:begin or ready:end")
		fs.DurationVar(&o.timeout, "timeout", 5*time.Minute, "the longest `time` to wait for its end")
		return func(e *env, args []string) error { return restart(e, args, o) }
	},
}

type restartOptions struct {
	force, native, dry, progress, report, abort bool
	mirror, trace, fail                         string
	budget, weight                              uint64
	timeout                                     time.Duration
}

// flags gives the options as RestartBegin takes them.
func (o *restartOptions) flags() (flags uint64, err error) {
	switch o.mirror {
	case "full":
		flags |= abi.RestartFull
	case "auto":
	default:
		return 0, usageError("--mirror is auto or full")
	}
	if o.weight > abi.MaxWeight {
		return 0, usageError(fmt.Sprintf("--weight is at most %d", abi.MaxWeight))
	}
	for flag, wanted := range map[uint64]bool{abi.RestartForce: o.force, abi.RestartNative: o.native, abi.RestartDry: o.dry} {
		if wanted {
			flags |= flag
		}
	}
	edge, err := failEdge(o.fail)
	return flags | edge, err
}

// failEdge gives the flags for a failure that is asked for: the upper half is 1
// for the beginning of the first phase, 2 for its end, and so on.
func failEdge(edge string) (uint64, error) {
	if edge == "" {
		return 0, nil
	}
	name, end, _ := strings.Cut(edge, ":")
	for p := abi.PhaseNone; p < abi.NumPhases; p++ {
		if strings.ReplaceAll(p.String(), " ", "-") != name {
			continue
		}
		switch end {
		case "begin":
			return (1 + 2*uint64(p)) << 32, nil
		case "end":
			return (2 + 2*uint64(p)) << 32, nil
		}
	}
	return 0, usageError("--fail wants a phase and begin or end, such as boot:begin")
}

func restart(e *env, args []string, o restartOptions) error {
	flags, err := o.flags()
	if err != nil {
		return err
	}
	if n := len(args); n > 1 || n == 0 && !o.report && !o.abort && o.trace == "" {
		return usageError("it wants the name of one image, or --report")
	}
	var file []byte
	if len(args) == 1 {
		if file, err = readImage(args[0]); err != nil {
			return &fileError{err}
		}
	}
	c, err := e.open()
	if err != nil {
		return err
	}
	i, err := ask.Info(c)
	if err != nil {
		return err
	}
	if o.abort {
		if err := abort(c); err != nil {
			return err
		}
	}
	if o.trace != "" { // what cannot be written is said before anything is changed
		if err := os.WriteFile(o.trace, nil, 0o644); err != nil {
			return &fileError{err}
		}
	}
	var r abi.Restart
	if len(args) == 1 {
		r, err = e.replace(c, file, flags, i.TSCHz, o)
	} else {
		r, err = ask.Restart(c)
	}
	if err != nil {
		return err
	}
	v := restartView(&r, i.TSCHz)
	if o.trace != "" {
		if err := v.writeTrace(o.trace); err != nil {
			return &fileError{err}
		}
	}
	switch {
	case e.json:
		err = e.emit(v)
	case o.report || len(args) == 0:
		v.print(e.out)
	default:
		fmt.Fprintln(e.out, v.verdict())
	}
	if err == nil && len(args) == 1 && !v.good() {
		err = errFailed
	}
	return err
}

// stateError tells why it is not the time for something.
type stateError string

func (e stateError) Error() string        { return string(e) }
func (e stateError) Is(target error) bool { return target == guest.ErrState }

// abort drops what is under way.
func abort(c ask.Caller) error {
	r, err := ask.Restart(c)
	if err != nil {
		return err
	}
	switch p := abi.RestartPhase(r.Phase); {
	case p == abi.PhaseNone || p.Over():
		return stateError("no restart is under way")
	case p >= abi.PhaseHandoff:
		return stateError("it has handed over, and will be over soon")
	}
	return ask.RestartAbort(c)
}

// Times of a restart: between two looks at it, and from being told to end until
// it must have.
const (
	restartLook  = 5 * time.Millisecond
	restartGrace = 30 * time.Second
)

// replace carries out a restart and waits for its end.
func (e *env) replace(c ask.Caller, file []byte, flags, hz uint64, o restartOptions) (r abi.Restart, err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	number, err := ask.RestartBegin(c, uint64(len(file)), flags, o.budget, o.weight)
	if errors.Is(err, abi.ErrBusy) {
		return r, fmt.Errorf("%w: another restart is under way; \"hvctl restart --report\" shows it", err)
	}
	if errors.Is(err, abi.ErrArgument) && o.fail != "" {
		return r, fmt.Errorf("%w: the build that runs makes no failures", err)
	}
	if err != nil {
		return r, err
	}
	if err = e.loadImage(c, file); err != nil {
		ask.RestartAbort(c)
		return r, err
	}
	told, limit := abi.PhaseNone, time.Time{}
	for {
		if r, err = ask.Restart(c); err != nil {
			return r, err
		}
		if r.Number != number {
			return r, fmt.Errorf("restart %d has ended, and restart %d has begun", number, r.Number)
		}
		if o.progress {
			told = e.tell(restartView(&r, hz), told)
		}
		switch {
		case abi.RestartPhase(r.Phase).Over():
			return r, nil
		case ctx.Err() != nil && limit.IsZero():
			limit = time.Now().Add(restartGrace)
			if errors.Is(ctx.Err(), context.DeadlineExceeded) && !e.json {
				fmt.Fprintf(e.err, "hvctl restart: it takes longer than %v\n", o.timeout)
			}
			ask.RestartAbort(c) // refused once it has handed over: then its end is near
		case !limit.IsZero() && time.Now().After(limit):
			return r, fmt.Errorf("%w: it is in phase %v", guest.ErrTimeout, abi.RestartPhase(r.Phase))
		}
		time.Sleep(restartLook)
	}
}

// tell prints the phases that have begun since the last time.
func (e *env) tell(v *restartJSON, told abi.RestartPhase) abi.RestartPhase {
	for _, p := range v.Phases {
		if p.phase > told {
			name := p.Name
			if p.phase == abi.PhaseFailed && v.dry() {
				name = "dropped, since it is a dry run"
			}
			fmt.Fprintf(e.err, "%10.3f ms  %s\n", p.At, name)
			told = p.phase
		}
	}
	return told
}
