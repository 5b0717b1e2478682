// Campaign makes faults in the hypervisor by the thousand, on emulated machines, and
// writes down what became of each.
//
// The one idea: a campaign is a list of faults, a file of results, and the rule that a
// fault with a result is done; so it can be stopped and goes on where it was.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"perdure/test/campaign/fault"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "campaign:", err)
		os.Exit(1)
	}
}

func run() error {
	var c campaign
	build := flag.String("build", "build", "`folder` with perdure-inject.img and guest/recover.elf")
	dir := flag.String("dir", "build/campaign", "`folder` of results, and of what ended badly")
	options := flag.String("options", "standby=off", "`words` for the hypervisor")
	words := flag.String("words", "new=8 rest=50000", "`words` for the small root")
	plan := flag.String("plan", "all", "what to do: all, chance, sweeps, calls, or KIND:COUNT or KIND@REASON,SKIP:FROM-TO/EVERY, with commas or spaces between")
	seed := flag.Uint64("seed", 1, "of the chance")
	replay := flag.String("replay", "", "`name` of one fault, to be made alone on a machine that has just booted")
	list := flag.String("list", "", "`file` with names of faults, one on a line: each is made alone")
	report := flag.String("report", "", "write the report on the results into this `folder`, and do nothing else")
	builds := flag.String("builds", "", "with -report: `digests` of the images that it is about, with commas between; empty: of the one in -build")
	cpus := flag.Int("cpus", 2, "processors")
	most := flag.Int("most", 200, "faults on a copy of the machine, 1: each has its own; 0: as many as it stands")
	flag.DurationVar(&c.limit, "limit", 0, "how long to go on; 0: until all is done")
	flag.Parse()
	c.machine = fault.Machine{
		Image: filepath.Join(*build, "perdure-inject.img"), Kernel: filepath.Join(*build, "guest", "recover.elf"),
		Options: *options, Words: *words, CPUs: *cpus, Dir: *dir, Patience: 3500 * time.Millisecond, Most: *most,
	}
	if *replay != "" || *list != "" {
		c.machine.Most = 1
	}
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		return err
	}
	if err := c.open(filepath.Join(*dir, "results.jsonl")); err != nil {
		return err
	}
	defer c.file.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	switch {
	case *report != "":
		if c.builds = []string{c.build}; *builds != "" {
			c.builds = strings.Split(*builds, ",")
		}
		return c.report(*report)
	case *replay != "":
		return c.again(ctx, []string{*replay})
	case *list != "":
		text, err := os.ReadFile(*list)
		if err != nil {
			return err
		}
		return c.again(ctx, strings.Fields(string(text)))
	}
	tuples, err := planned(*plan, *seed)
	if err != nil {
		return err
	}
	return c.make(ctx, mixed(tuples))
}
