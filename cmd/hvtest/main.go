// Command hvtest runs in a partition and tries out the machine that it was given;
// in root it also tries out guests.
//
// The one idea: each test answers one question about the machine, prints what it
// measured as lines of "name value", and ends with one line RESULT: PASS, FAIL
// or SKIP.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
)

// A test is one word after "hvtest".
type test struct {
	name, short string
	// flags declares the test's own flags and returns the test.
	flags func(*flag.FlagSet) func(*report)
}

func tests() []test {
	return []test{allocsTest, burnTest, callsTest, churnTest, clockTest, cycleTest, diskTest, exitsTest, fetchTest, fpuTest, hashTest, inTest, limitsTest, loadTest,
		machineTest, netTest, peersTest, pingTest, portTest, pulseTest, rebootTest, sharesTest, smpTest, stormTest, witnessTest}
}

// statusSkip is the exit status of a test that this machine has no use for.
const statusSkip = 77

// report collects what a test finds.
type report struct {
	mu               sync.Mutex
	out              io.Writer
	failed, skipping bool
	silent           bool // values are not printed
}

// value prints one measured value.
func (r *report) value(name string, v any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.silent {
		fmt.Fprintf(r.out, "%s %v\n", name, v)
	}
}

// check notes a failure unless ok.
func (r *report) check(ok bool, format string, args ...any) bool {
	if !ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.failed = true
		fmt.Fprintf(r.out, "FAIL: "+format+"\n", args...)
	}
	return ok
}

// errors notes a failure if there is an error.
func (r *report) error(what string, err error) bool {
	return r.check(err == nil, "%s: %v", what, err)
}

// skip says why this machine cannot be asked.
func (r *report) skip(format string, args ...any) {
	r.skipping = true
	fmt.Fprintf(r.out, "skipped: "+format+"\n", args...)
}

// end prints the last line and returns the exit status.
func (r *report) end() int {
	switch {
	case r.failed:
		fmt.Fprintln(r.out, "RESULT: FAIL")
		return 1
	case r.skipping:
		fmt.Fprintln(r.out, "RESULT: SKIP")
		return statusSkip
	}
	fmt.Fprintln(r.out, "RESULT: PASS")
	return 0
}

func main() {
	if len(os.Args) > 1 {
		if os.Args[1] == blindWord {
			os.Exit(blind(os.Stdout))
		}
		if os.Args[1] == childWord {
			fmt.Print(os.Args[2])
			return
		}
		for _, t := range tests() {
			if t.name == os.Args[1] {
				fs := flag.NewFlagSet("hvtest "+t.name, flag.ExitOnError)
				do := t.flags(fs)
				fs.Parse(os.Args[2:])
				r := &report{out: os.Stdout}
				do(r)
				os.Exit(r.end())
			}
		}
	}
	fmt.Fprintln(os.Stderr, "hvtest TEST [flags] tries out the machine that this partition was given:")
	for _, t := range tests() {
		fmt.Fprintf(os.Stderr, "  %-8s %s\n", t.name, t.short)
	}
	os.Exit(2)
}
