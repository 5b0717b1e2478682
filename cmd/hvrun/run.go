package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// summary is what --json prints.
type summary struct {
	Outcome      emu.Outcome `json:"outcome"`
	Status       int         `json:"status"`
	Output       *string     `json:"output,omitempty"` // the command's
	Error        string      `json:"error,omitempty"`
	Emulator     emu.Kind    `json:"emulator"`
	CPUs         int         `json:"cpus"`
	Instructions uint64      `json:"instructions,omitempty"`
	Seconds      float64     `json:"seconds"`
}

// run boots the machine, does what is wanted of it, and gives our exit status.
func (s *settings) run() (int, error) {
	var sinks []emu.Sink
	if s.serial != "" {
		f, err := os.Create(s.serial)
		if err != nil {
			return exitUsage, err
		}
		defer f.Close()
		sinks = append(sinks, f)
	}
	interactive := !s.Commands
	if interactive && !s.json {
		sinks = append(sinks, os.Stdout)
	}
	machine, err := rig.Boot(s.Options, sinks...)
	if err != nil {
		return exitUsage, err
	}
	defer machine.Close()
	ctx, cancel := context.WithCancel(context.Background())
	if s.timeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, s.timeout)
	}
	defer cancel()
	// Whoever interrupts us wants the emulator gone too.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()

	sum := summary{Emulator: s.Config.Kind.Resolve(), CPUs: s.CPUs}
	if interactive {
		err = s.interact(ctx, machine)
	} else {
		var output string
		output, sum.Status, err = s.perform(ctx, machine)
		if sum.Output = &output; !s.json {
			fmt.Print(output)
		}
	}
	result := conclude(machine, err)
	sum.Outcome, sum.Instructions, sum.Seconds = result.Outcome, result.Instructions, result.Seconds
	if status, why := s.judge(result, err); status != 0 {
		sum.Status, err = status, why
		sum.Error = why.Error()
	}
	if s.json {
		text, jerr := json.MarshalIndent(sum, "", "  ")
		fmt.Println(string(text))
		err = jerr
	}
	return sum.Status, err
}

// perform runs the command in root.
func (s *settings) perform(ctx context.Context, machine *rig.Run) (string, int, error) {
	up := showWait("root starts")
	root, err := emu.WaitForRoot(ctx, machine.Console)
	up()
	if err != nil {
		return "", 0, err
	}
	defer showWait(s.command[0] + " runs")()
	output, status, err := root.Run(ctx, s.command...)
	return string(output), status, err
}

// conclude ends the machine, if it has not ended, in the way that fits err.
func conclude(machine *rig.Run, err error) emu.Result {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return machine.GiveUp()
	case errors.Is(err, emu.ErrEnded): // the line went first; the process follows
		return machine.Wait()
	}
	return machine.Stop()
}

// judge gives the exit status and the message for an end that is not the
// command's; status 0: all is well.
func (s *settings) judge(r emu.Result, err error) (int, error) {
	switch r.Outcome {
	case emu.Rebooted:
		return exitRebooted, errors.New("the machine rebooted")
	case emu.TripleFault:
		return exitTripleFault, fmt.Errorf("triple fault\n%s", r.Report)
	case emu.Crashed:
		return exitCrashed, fmt.Errorf("the emulator failed\n%s", r.Report)
	case emu.TimedOut:
		return exitTimedOut, fmt.Errorf("timed out after %s; the processors:\n%s", s.timeout, r.Report)
	case emu.PoweredOff:
		if s.Commands {
			return exitTooEarly, errors.New("the machine powered off before the command ended")
		}
		return 0, nil
	}
	switch {
	case errors.Is(err, context.Canceled):
		return 128 + int(syscall.SIGINT), errors.New("interrupted")
	case errors.Is(err, emu.ErrNotStarted):
		return exitNotStarted, err
	case err != nil:
		return exitUsage, err
	}
	return 0, nil
}
