// Command hvctl asks Perdure, from the root partition, what it is doing.
//
// The one idea: every command is a question with two renderings of one answer,
// a table for people and JSON for scripts.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/call"
	"perdure/partition/abi"
)

// Exit codes, part of the interface to scripts.
const (
	exitOK      = 0
	exitBad     = 1 // the hypervisor refused, or a check found something wrong
	exitUsage   = 2 // the command line
	exitNotHere = 3 // not in a partition of Perdure
	exitNoRight = 4 // no permission for the hypercall port
)

// A command is one word after "hvctl".
type command struct {
	name   string
	args   string // as the usage line shows them
	short  string
	long   string
	hidden bool
	// flags declares the command's own flags and returns what runs it.
	flags func(*flag.FlagSet) func(*env, []string) error
}

// env is what a command works with.
type env struct {
	out, err io.Writer
	json     bool
	open     func() (ask.Caller, error)
}

// usageError is a command line that cannot be meant.
type usageError string

func (e usageError) Error() string { return string(e) }

// errFailed ends with exitBad; what is wrong has been printed.
var errFailed = errors.New("")

func commands() []command {
	return []command{cmdInfo, cmdList, cmdTop, cmdLog, cmdTrace, cmdCheck, cmdVersion, cmdHypercall}
}

func main() {
	e := &env{out: os.Stdout, err: os.Stderr, open: func() (ask.Caller, error) { return call.Open() }}
	os.Exit(run(e, os.Args[1:]))
}

// run carries out one command line and returns the exit code.
func run(e *env, args []string) int {
	if len(args) == 0 {
		help(e.err)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		if len(args) > 1 {
			return run(e, []string{args[1], "-h"})
		}
		help(e.out)
		return exitOK
	case "--version", "-version":
		args = append([]string{"version"}, args[1:]...)
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return e.run(c, args[1:])
		}
	}
	fmt.Fprintf(e.err, "hvctl: there is no command %q; \"hvctl help\" lists them\n", args[0])
	return exitUsage
}

func (e *env) run(c command, args []string) int {
	fs := flag.NewFlagSet("hvctl "+c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.BoolVar(&e.json, "json", false, "answer in JSON")
	do := c.flags(fs)
	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		c.help(e.out, fs)
		return exitOK
	}
	if err != nil {
		err = usageError(err.Error())
	} else {
		err = do(e, fs.Args())
	}
	return e.report(c, err)
}

// report prints why a command failed, with what to do about it.
func (e *env) report(c command, err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case err == errFailed:
		return exitBad
	case errors.As(err, &usage):
		fmt.Fprintf(e.err, "hvctl %s: %v; \"hvctl %s -h\" explains it\n", c.name, err, c.name)
		return exitUsage
	case errors.Is(err, call.ErrNotHere):
		fmt.Fprintf(e.err, "hvctl: %v.\nhvctl works in Perdure's root partition: start the machine with perdure.img (docs: \"make run\").\n", err)
		return exitNotHere
	case errors.Is(err, call.ErrNoRight), errors.Is(err, call.ErrPrivilege), errors.Is(err, call.ErrPort):
		fmt.Fprintf(e.err, "hvctl: %v.\n", err)
		return exitNoRight
	case errors.Is(err, abi.ErrVersion):
		fmt.Fprintf(e.err, "hvctl: %v; this hvctl speaks version %d.\n", err, abi.Version)
		return exitBad
	}
	fmt.Fprintf(e.err, "hvctl %s: %v\n", c.name, err)
	return exitBad
}

// none refuses arguments that are no flags.
func none(args []string) error {
	if len(args) > 0 {
		return usageError(fmt.Sprintf("%q is one word too many", args[0]))
	}
	return nil
}
