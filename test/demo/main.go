// Command demo draws what guests feel of a hot restart: it boots four on an
// emulated machine, has all send datagrams to all, replaces the hypervisor below
// them, and makes a picture of how long each datagram took.
//
// The one idea: the picture is made of what the guests themselves noticed and of
// the hypervisor's report, on one clock: the TSC is the same for all.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// demo is one run.
type demo struct {
	image, next, initrd, out string
	cpus                     int
	timeout, time, gap       time.Duration
	keep                     string
}

func main() {
	d := &demo{}
	flag.StringVar(&d.image, "image", "build/perdure.img", "Perdure's image, a `file`")
	flag.StringVar(&d.next, "next", "/images/perdure-next.img", "the image that replaces it, a `file` in root")
	flag.StringVar(&d.initrd, "initrd", "build/demo-cloud.cpio", "root's initramfs with the guests, a `file`")
	flag.StringVar(&d.out, "o", "build/demo", "where the pictures go, without .svg and .png: a `file`")
	flag.StringVar(&d.keep, "text", "", "draw again what an earlier run said, a `file`")
	flag.IntVar(&d.cpus, "cpus", 2, "processors of the machine")
	flag.DurationVar(&d.time, "for", 10*time.Second, "time that is drawn, the machine's")
	flag.DurationVar(&d.gap, "gap", 150*time.Millisecond, "between the datagrams of two guests")
	flag.DurationVar(&d.timeout, "timeout", 30*time.Minute, "the host's")
	flag.Parse()
	if err := d.run(); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func (d *demo) run() error {
	if err := os.MkdirAll(filepath.Dir(d.out), 0o755); err != nil {
		return err
	}
	text, err := os.ReadFile(d.keep)
	if d.keep == "" {
		text, err = d.machine()
	}
	if e := os.WriteFile(d.out+".txt", text, 0o644); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	f, err := readFelt(string(text))
	if err != nil {
		return fmt.Errorf("%w; %s.txt has all that was said", err, d.out)
	}
	fmt.Println(f.summary())
	return f.draw(d.out)
}

// failures are the lines of a command that tell why it failed.
func failures(text []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, "sample.") && (strings.Contains(line, "FAIL") || strings.Contains(line, "hvctl")) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// guests take part.
var guests = []string{"d1", "d2", "d3", "d4"}

// machine boots it all and returns what was said during the restart.
func (d *demo) machine() ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), d.timeout)
	defer cancel()
	m, err := rig.Boot(rig.Options{
		Config: emu.Config{Kind: emu.Auto, CPUs: d.cpus, Memory: 1024}, Image: d.image, Words: "root_mem=416M", Kernel: "cloud", Initrd: d.initrd,
		KernelWords: "hvnet=10.1.0.1/24", Commands: true,
	})
	if err != nil {
		return nil, err
	}
	defer m.Close()
	fmt.Fprintln(os.Stderr, "demo: root starts")
	root, err := emu.WaitForRoot(ctx, m.Console)
	if err != nil {
		return nil, err
	}
	must := func(line ...string) ([]byte, error) {
		text, status, err := root.Run(ctx, line...)
		if err == nil && status != 0 {
			list, _, _ := root.Run(ctx, "hvctl", "list")
			log, _, _ := root.Run(ctx, "hvctl", "log", "-n", "30")
			err = fmt.Errorf("%s ends with status %d:\n%s\n%s\n%s", line[0], status, failures(text), list, log)
		}
		return text, err
	}
	fmt.Fprintln(os.Stderr, "demo: four guests start")
	var addresses []string
	for i, name := range guests {
		if _, err := must("hvctl", "create", "--start", "/guests/"+name+".toml"); err != nil {
			return nil, err
		}
		addresses = append(addresses, fmt.Sprintf("10.1.0.2%d", i+1))
	}
	if _, err := must("hvtest", "in", strings.Join(guests, ","), "hvtest", "ping", "-n", "3", "10.1.0.1"); err != nil {
		return nil, err
	}
	fmt.Fprintln(os.Stderr, "demo: they talk, and the hypervisor is replaced")
	return must("hvtest", "in", "-meanwhile", "hvctl restart --force --json "+d.next, "-after", (d.time / 3).String(), strings.Join(guests, ","),
		"hvtest", "witness", "-for", d.time.String(), "-gap", d.gap.String(), "-blocks", "0", "-spin", "0", "-samples", "-peers", strings.Join(addresses, ","))
}
