// Command fuzz runs every fuzz target of the tree for a while, four at a time.
//
// The one idea: the targets are found, not listed, so one that was written is one
// that runs. What the fuzzer learned stays in Go's own cache, where the next run
// goes on; with -keep some of it becomes seeds in testdata, which every plain
// "go test" tries.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"
)

func main() {
	span := flag.Duration("time", time.Minute, "how long each target runs")
	jobs := flag.Int("jobs", 4, "how many run at a time")
	keep := flag.Int("keep", 0, "new seeds to keep for each target, at most")
	only := flag.String("only", "", "a `package` or PACKAGE.TARGET: no other")
	flag.Parse()
	targets, err := find(".")
	if err == nil && len(targets) == 0 {
		err = fmt.Errorf("there are no fuzz targets here; this must run in the module's root")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
	if bad := run(targets, *span, *jobs, *keep, *only); bad > 0 {
		fmt.Printf("fuzz: %d targets failed; what they failed with is in testdata\n", bad)
		os.Exit(1)
	}
}

// run runs the targets and returns how many failed.
func run(targets []target, span time.Duration, jobs, keep int, only string) (bad int) {
	var wg sync.WaitGroup
	var lock sync.Mutex // of bad and of the output
	slots := make(chan struct{}, jobs)
	for _, t := range targets {
		if only != "" && only != t.pkg && only != t.String() {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			out, err := t.fuzz(span)
			if err == nil {
				err = t.keep(keep)
			}
			lock.Lock()
			defer lock.Unlock()
			if err != nil {
				bad++
				fmt.Printf("FAIL %s: %v\n%s\n", t, err, out)
				return
			}
			fmt.Printf("ok   %s  %s\n", t, last(out))
		})
	}
	wg.Wait()
	return bad
}

// fuzz runs one target. It has one worker: several targets run at a time.
func (t target) fuzz(span time.Duration) (string, error) {
	c := exec.Command("go", "test", "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", span.String(), "-fuzzminimizetime", "5s",
		"-parallel", "1", t.pkg)
	out, err := c.CombinedOutput()
	if inTime(string(out)) {
		err = nil
	}
	return string(out), err
}

// over is all that a target says for which the fuzzer's own time limit was taken for a failure.
var over = regexp.MustCompile(`(?m)^--- FAIL: \w+ \([\d.]+s\)\n    context deadline exceeded\nFAIL$`)

// inTime reports whether a target that is said to have failed just came to the end of its time:
// the fuzzer of Go before 1.27 mistakes that now and then. See https://go.dev/issue/75804.
func inTime(out string) bool { return over.MatchString(out) && !strings.Contains(out, "Failing input") }
