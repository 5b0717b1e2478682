package main

import (
	"flag"
	"fmt"
	"time"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/guest"
	"perdure/partition/abi"
)

var cmdStart = command{
	name:  "start",
	args:  " NAME",
	short: "Start a guest, or start it again after it was switched off",
	long: `A guest that is off, or has stopped, is cleared and loaded from its file again. A
guest that runs is left alone.`,
	flags: func(*flag.FlagSet) func(*env, []string) error { return start },
}

var cmdPause = command{
	name:  "pause",
	args:  " NAME",
	short: "Hold a guest where it is",
	flags: func(*flag.FlagSet) func(*env, []string) error {
		return func(e *env, args []string) error { return operate(e, args, abi.OpPause) }
	},
}

var cmdResume = command{
	name:  "resume",
	args:  " NAME",
	short: "Let a paused guest go on",
	flags: func(*flag.FlagSet) func(*env, []string) error {
		return func(e *env, args []string) error { return operate(e, args, abi.OpResume) }
	},
}

var cmdStop = command{
	name:  "stop",
	args:  " NAME",
	short: "Switch a guest off: press its power button",
	long: `A guest hears of its power button by ACPI, and switches itself off in its own time.
--now takes its power away at once, as pulling a plug does.`,
	flags: func(fs *flag.FlagSet) func(*env, []string) error {
		var o stopOptions
		fs.BoolVar(&o.now, "now", false, "at once, without asking it")
		fs.BoolVar(&o.wait, "wait", false, "wait until it is off")
		fs.DurationVar(&o.timeout, "timeout", time.Minute, "with --wait: the longest `time` to wait")
		return func(e *env, args []string) error { return stop(e, args, o) }
	},
}

var cmdDestroy = command{
	name:  "destroy",
	args:  " NAME",
	short: "Remove a guest; everything that it has is given back",
	long:  `It ends at once, in whatever state the guest is. Its image files stay.`,
	flags: func(*flag.FlagSet) func(*env, []string) error { return destroy },
}

type stopOptions struct {
	now, wait bool
	timeout   time.Duration
}

func start(e *env, args []string) error {
	name, h, err := e.one(args)
	if err != nil {
		return err
	}
	defer h.end()
	if err := h.Start(name); err != nil {
		return err
	}
	return e.done(h, name)
}

// control carries out an operation, also one that is answered only when it is done.
func (h *host) control(id uint32, op abi.Op) error {
	return patiently("it takes", func() error {
		_, err := ask.Control(h, id, op)
		return err
	})
}

// settle is how long an operation that needs no help of the guest's may take.
const settle = 10 * time.Second

// operate pauses or resumes a guest, and waits until that is done.
func operate(e *env, args []string, op abi.Op) error {
	name, h, err := e.one(args)
	if err != nil {
		return err
	}
	defer h.end()
	p, err := h.Find(name)
	if err != nil {
		return err
	}
	if err := h.control(p.ID, op); err != nil {
		return fmt.Errorf("%s is %s: %w", name, p.State, err)
	}
	_, err = h.Await(p.ID, settle, func(now *abi.Partition) (bool, error) {
		if op == abi.OpPause {
			return !guest.Alive(now.State), nil
		}
		return now.State != abi.StatePaused, nil
	})
	if err != nil {
		return err
	}
	return e.done(h, name)
}

func stop(e *env, args []string, o stopOptions) error {
	name, h, err := e.one(args)
	if err != nil {
		return err
	}
	defer h.end()
	p, err := h.Find(name)
	if err != nil {
		return err
	}
	op := abi.OpButton
	if o.now {
		op = abi.OpStop
	}
	if p.State != abi.StateQuiesced && p.State != abi.StateStopped {
		if err := h.control(p.ID, op); err != nil {
			return fmt.Errorf("%s is %s: %w", name, p.State, err)
		}
	}
	if o.now {
		o.wait, o.timeout = true, settle
	}
	if o.wait {
		if err := h.Off(p.ID, o.timeout); err != nil {
			return fmt.Errorf("%w; \"hvctl stop --now %s\" does not ask it", err, name)
		}
	}
	return e.done(h, name)
}

func destroy(e *env, args []string) error {
	name, h, err := e.one(args)
	if err != nil {
		return err
	}
	defer h.end()
	if _, err := h.Find(name); err != nil {
		h.Destroy(name) // what is still remembered of it
		return err
	}
	if err := h.Destroy(name); err != nil {
		return err
	}
	return e.done(h, name)
}
