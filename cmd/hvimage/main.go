// Command hvimage makes the files that a hypervisor is started from and
// replaced by, and says what is in them.
//
// The one idea: an image is a file that can be judged without running it, so the
// tool that makes it and the hypervisor that takes it ask the same package.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"perdure/hhr/image"
)

const usage = `hvimage makes and judges images of the hypervisor.

  hvimage build   -o FILE [-tags TAGS] [-id BUILD] [-key FILE] [-blackout N] [-bad WORD]
                                   the image of this source tree, signed
  hvimage sign    [-key FILE] [-o FILE] [-bad WORD] [-page] FILE
                                   the same image, signed anew; -page: only the page that does it
  hvimage inspect [-json] [-trust KEY] FILE
                                   what the image says of itself, and whether it is whole
  hvimage compat  [-json] OLD NEW  whether NEW can replace OLD under running partitions
  hvimage keygen  [-key FILE] [-public]
                                   make a key, if there is none; print its public half

A key file is a private Ed25519 key in PEM, as "openssl genpkey -algorithm ed25519" makes it. Without
-key it is the one that PERDURE_KEY names, or one of your own in the cache, made when it is first used.

Exit status: 0 all is well, 1 an image is not fit, 2 the command line, 3 something is missing.
`

// Exit codes, part of the interface to scripts.
const (
	exitUnfit   = 1
	exitUsage   = 2
	exitMissing = 3
)

// errUnfit ends with exitUnfit; the reasons have been printed.
var errUnfit = errors.New("")

// usageError is a command line that cannot be meant.
type usageError string

func (e usageError) Error() string { return string(e) }

func main() { os.Exit(run(os.Stdout, os.Stderr, os.Args[1:])) }

// run carries out one command line and returns the exit code.
func run(out, to io.Writer, args []string) int {
	if len(args) == 0 {
		fmt.Fprint(to, usage)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		fmt.Fprint(out, usage)
		return 0
	}
	fs := flag.NewFlagSet("hvimage "+args[0], flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	var do func(out io.Writer, args []string) error
	switch args[0] {
	case "build":
		do = buildFlags(fs)
	case "layouts": // for build
		do = printLayouts
	case "sign":
		do = signFlags(fs)
	case "inspect":
		do = inspectFlags(fs)
	case "compat":
		do = compatFlags(fs)
	case "keygen":
		do = keygenFlags(fs)
	default:
		fmt.Fprintf(to, "hvimage: there is no command %q; \"hvimage help\" lists them\n", args[0])
		return exitUsage
	}
	words, err := parse(fs, args[1:])
	if err == nil {
		err = do(out, words)
	}
	var wrong usageError
	var unfit image.Unfit
	switch {
	case err == nil:
		return 0
	case err == flag.ErrHelp:
		fmt.Fprint(out, usage)
		return 0
	case err == errUnfit:
		return exitUnfit
	case errors.As(err, &wrong):
		fmt.Fprintf(to, "hvimage %s: %v; \"hvimage help\" explains it\n", args[0], err)
		return exitUsage
	case errors.As(err, &unfit):
		fmt.Fprintf(to, "hvimage %s: %v\n", args[0], err)
		return exitUnfit
	}
	fmt.Fprintf(to, "hvimage %s: %v\n", args[0], err)
	return exitMissing
}

// parse reads flags wherever they stand between the names.
func parse(fs *flag.FlagSet, args []string) (words []string, err error) {
	for {
		switch err := fs.Parse(args); {
		case err == flag.ErrHelp:
			return nil, err
		case err != nil:
			return nil, usageError(err.Error())
		case fs.NArg() == 0:
			return words, nil
		}
		words, args = append(words, fs.Arg(0)), fs.Args()[1:]
	}
}

// names wants exactly n of them.
func names(args []string, n int) error {
	if len(args) != n {
		return usageError(fmt.Sprintf("file names: %d are given, wanted %d", len(args), n))
	}
	return nil
}
