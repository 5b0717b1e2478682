// Command hvctl asks Perdure, from the root partition, what it is doing, and
// makes and runs guests.
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
	"perdure/cmd/internal/guestfile"
	"perdure/partition/abi"
)

// Exit codes, part of the interface to scripts.
const (
	exitOK      = 0
	exitBad     = 1 // the hypervisor refused, or a check found something wrong
	exitUsage   = 2 // the command line
	exitNotHere = 3 // not in a partition of Perdure
	exitNoRight = 4 // no permission for the hypercall port
	exitFile    = 5 // a guest file, or a file that it names, is wrong
	exitNone    = 6 // no such partition
	exitState   = 7 // the partition's state does not allow that
	exitMemory  = 8 // not enough memory, or no room for another partition
	exitTimeout = 9 // it took too long
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
	in       *os.File
	dir      string // where guest files are remembered, "": the usual place
	open     func() (ask.Caller, error)
}

// usageError is a command line that cannot be meant.
type usageError string

func (e usageError) Error() string { return string(e) }

// errFailed ends with exitBad; what is wrong has been printed.
var errFailed = errors.New("")

func commands() []command {
	return []command{
		cmdCreate, cmdStart, cmdPause, cmdResume, cmdStop, cmdDestroy, cmdSet, cmdConsole, cmdDump, cmdServe, cmdBridge,
		cmdList, cmdTop, cmdInfo, cmdLog, cmdTrace, cmdCheck, cmdResets, cmdInject, cmdRestart, cmdVersion, cmdHypercall,
	}
}

func main() {
	e := &env{out: os.Stdout, err: os.Stderr, in: os.Stdin, open: func() (ask.Caller, error) { return call.Open() }}
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
	args, err := parse(fs, args)
	if errors.Is(err, flag.ErrHelp) {
		c.help(e.out, fs)
		return exitOK
	}
	if err != nil {
		err = usageError(err.Error())
	} else {
		err = do(e, args)
	}
	return e.report(c, err)
}

// parse reads flags wherever they stand between the other words, up to "--".
func parse(fs *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		rest := fs.Args()
		if len(rest) == 0 {
			return words, nil
		}
		if n := len(args) - len(rest); n > 0 && args[n-1] == "--" {
			return append(words, rest...), nil
		}
		words, args = append(words, rest[0]), rest[1:]
	}
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
	var file *fileError
	if errors.As(err, &file) {
		var lines *guestfile.Problems
		if errors.As(err, &lines) {
			fmt.Fprintln(e.err, lines) // as compilers do
		} else if text := file.Error(); text != "" {
			fmt.Fprintf(e.err, "hvctl %s: %s\n", c.name, text)
		}
		return exitFile
	}
	fmt.Fprintf(e.err, "hvctl %s: %v\n", c.name, err)
	return codeOf(err)
}

// none refuses arguments that are no flags.
func none(args []string) error {
	if len(args) > 0 {
		return usageError(fmt.Sprintf("%q is one word too many", args[0]))
	}
	return nil
}
