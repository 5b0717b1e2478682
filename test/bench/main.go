// Command bench measures Perdure and its peers and writes what it found.
//
// The one idea: a figure is a number of instructions that an emulated machine
// executed, so it is the same on every host, and a change of it is a change of
// ours. Nothing here is asserted; the tests do that.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"perdure/cmd/hvrun/emu"
)

// A bench is one run of the measurements.
type bench struct {
	image   string // Perdure's
	work    string // for what is built here
	results []Entry
	only    string     // measurements to make, empty: all
	echo    []emu.Sink // also get what the machines say
}

func main() {
	var b bench
	out := flag.String("o", "build/bench.json", "`file` for the figures")
	tree := flag.String("tree", ".", "`folder` whose pages get the figures; empty: none")
	flag.StringVar(&b.image, "image", "build/perdure.img", "Perdure's image, a `file`")
	flag.StringVar(&b.only, "only", "", "`names` of the measurements to make, a comma between them: "+strings.Join(names(), ", ")+"; other figures stay as the file has them")
	verbose := flag.Bool("v", false, "show what the machines say")
	tableOnly := flag.Bool("table", false, "measure nothing, renew the tables from the file of figures")
	flag.Parse()
	if *verbose {
		b.echo = []emu.Sink{os.Stderr}
	}
	if err := b.run(*out, *tree, *tableOnly); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (b *bench) run(out, tree string, tableOnly bool) error {
	if tableOnly || b.only != "" {
		text, err := os.ReadFile(out)
		if err == nil {
			err = json.Unmarshal(text, &b.results)
		}
		if err != nil && (tableOnly || !errors.Is(err, os.ErrNotExist)) {
			return fmt.Errorf("%s: %w", out, err)
		}
	}
	if tableOnly {
		return renewAll(tree, b.results)
	}
	if err := known(b.only); err != nil {
		return err
	}
	b.work = filepath.Join(filepath.Dir(out), "bench")
	if err := os.MkdirAll(b.work, 0o755); err != nil {
		return err
	}
	var failed []error
	for _, m := range measurements {
		if b.only != "" && !slices.Contains(strings.Split(b.only, ","), m.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "bench: %s: %s\n", m.name, m.what)
		begin := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), m.limit)
		err := m.make(ctx, b)
		cancel()
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", m.name, err))
			fmt.Fprintln(os.Stderr, "bench:", failed[len(failed)-1])
			continue
		}
		fmt.Fprintf(os.Stderr, "bench: %s: done in %.0f s\n", m.name, time.Since(begin).Seconds())
		if err := b.write(out); err != nil {
			return err
		}
	}
	for _, e := range b.results {
		fmt.Println(e)
	}
	if len(failed) == 0 && tree != "" {
		failed = append(failed, renewAll(tree, b.results))
	}
	return errors.Join(failed...)
}

// write writes the figures that there are.
func (b *bench) write(out string) error {
	text, err := json.MarshalIndent(b.results, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(out, append(text, '\n'), 0o644)
}

// measurements are made in this order. The limits are generous: a machine that
// reaches one has stopped.
var measurements = []struct {
	name, what string
	limit      time.Duration
	make       func(context.Context, *bench) error
}{
	{"static", "size of the image", time.Minute, static},
	{"probe", "round trips of exits under Perdure", 5 * time.Minute, probePerdure},
	{"kvm", "the same under Debian's KVM", 15 * time.Minute, probeKVM},
	{"golden", "rounds to the golden image", 10 * time.Minute, golden},
	{"bare", "Debian to its userland, and work there, on the bare machine", 20 * time.Minute, rootBare},
	{"root", "the same as Perdure's root partition", 20 * time.Minute, rootPerdure},
	{"restart", "hot restarts under a busy root", 20 * time.Minute, restarts},
	{"restart-beside", "hot restarts beside busy guests", 30 * time.Minute, restartsBeside},
	{"restart-two", "the same on two processors", 30 * time.Minute, restartsOnTwo},
	{"kexec", "a change of Debian's kernel by kexec, without guests", 10 * time.Minute, kexec},
	{"recover", "recoveries from failures of the hypervisor's own", 30 * time.Minute, recoverings},
	{"recover-beside", "the same beside busy guests", 30 * time.Minute, recoveringsBeside},
	{"reboot", "recoveries into another home", 5 * time.Minute, rebooting},
	{"unwind", "exits that are dropped and repeated", 5 * time.Minute, unwinding},
	{"overhead", "what it costs that an exit is a transaction", 15 * time.Minute, overhead},
	{"guest-bare", "a guest's kernel and initramfs on the bare machine", 20 * time.Minute, guestBare},
	{"guest-kvm", "Linux guests under Debian's KVM", 30 * time.Minute, guestKVM},
	{"guest", "the same guests under Perdure", 30 * time.Minute, guestPerdure},
}

// known checks what -only has been given; empty is all.
func known(only string) error {
	for name := range strings.SplitSeq(only, ",") {
		if only != "" && !slices.Contains(names(), name) {
			return fmt.Errorf("-only %s: there is no measurement %q; there are %s", only, name, strings.Join(names(), ", "))
		}
	}
	return nil
}

func names() (list []string) {
	for _, m := range measurements {
		list = append(list, m.name)
	}
	return list
}
