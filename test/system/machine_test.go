// Package system boots the real image on emulated machines, by GRUB, as users
// will.
//
// The one idea: a test says what it boots and which lines it wants to read, in
// order; a machine that stops talking for too long has failed.
package system

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/proto"
	"perdure/cmd/hvrun/rig"
)

// image is where make has built Perdure; without it nothing here runs.
var image = os.Getenv("PERDURE_IMAGE")

func TestMain(m *testing.M) {
	if image == "" {
		println("system tests need an image; 'make test' runs them")
		os.Exit(0)
	}
	book.begin = time.Now()
	status := m.Run()
	took()
	os.Exit(status)
}

// slots keeps the number of emulators down to what two processors can bear.
var slots = make(chan struct{}, 2)

// How long a machine may take, in host time on a busy machine: for the next line
// that a test waits for, and for root to come up or to run a command.
const (
	soon  = 90 * time.Second
	later = 12 * time.Minute
)

// A machine is a run that fails its test when it goes wrong.
type machine struct {
	t *testing.T
	*rig.Run
	root *emu.Root
}

// boot starts a machine for a test, in turn with those of other tests. What is
// not said in the options is: no root kernel, one processor, 512 MiB.
func boot(t *testing.T, o rig.Options) *machine {
	t.Helper()
	t.Parallel()
	slots <- struct{}{}
	begin := time.Now()
	t.Cleanup(func() { <-slots })
	if o.Image == "" {
		o.Image = image
	}
	if o.Kernel == "" {
		o.Kernel = "none"
	}
	o.CPUs, o.Memory = max(1, o.CPUs), max(o.Memory, 0)
	if o.Memory == 0 {
		o.Memory = 512
	}
	run, err := rig.Boot(o)
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, Run: run}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(lastWords(t.Name(), m.Text()))
		}
		booked{t.Name(), time.Since(begin), run.Stop().Instructions, o.CPUs}.write()
		run.Close()
	})
	return m
}

// lastWords gives the end of what a machine said, short enough that a log still
// shows what was wrong with it, and puts all of it into a file beside the image.
func lastWords(test, text string) string {
	const most = 40
	name := filepath.Join(filepath.Dir(image), "failed", strings.ReplaceAll(test, "/", "_")+".txt")
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err == nil {
		err = os.WriteFile(name, []byte(text), 0o644)
	}
	if err != nil {
		name = err.Error()
	}
	var lines []string
	for line := range strings.Lines(clean(text)) {
		if line != "\n" && !strings.HasPrefix(line, "#hv ") { // what tools send each other
			lines = append(lines, line)
		}
	}
	return fmt.Sprintf("the serial line ends so (all of it: %s)\n%s", name, strings.Join(lines[max(0, len(lines)-most):], ""))
}

// clean makes serial output fit for a log.
func clean(text string) string {
	return strings.ReplaceAll(escapes.ReplaceAllString(text, ""), "\r", "")
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[a-zA-Z]|\x00")

// want waits for lines that match, in this order, and gives the groups of the
// last one.
func (m *machine) want(patterns ...string) []string {
	m.t.Helper()
	var match []string
	for _, p := range patterns {
		ctx, cancel := context.WithTimeout(context.Background(), soon)
		var err error
		match, err = m.Expect(ctx, regexp.MustCompile(p))
		cancel()
		if err != nil {
			m.failed("waiting for "+p, err)
		}
	}
	return match
}

// failed ends the test with what is known of the machine.
func (m *machine) failed(what string, err error) {
	m.t.Helper()
	var r emu.Result
	if errors.Is(err, context.DeadlineExceeded) {
		r = m.GiveUp()
	} else {
		r = m.Stop()
	}
	m.t.Fatalf("%s: %v; %s after %d instructions\n%s", what, err, r.Outcome, r.Instructions, r.Report)
}

// halts checks that the machine says that it stops, and then does nothing more.
func (m *machine) halts() {
	m.t.Helper()
	m.want(`(perdure:|error) halted\r?\n`)
	before := m.Text()
	select {
	case <-m.Done():
		m.t.Errorf("the machine went on after its last word: %s", m.Wait().Outcome)
	case <-time.After(2 * time.Second):
		if after := m.Text(); after != before {
			m.t.Errorf("the machine went on after its last word: %q", after[len(before):])
		}
	}
}

// greeting waits until root is up.
func (m *machine) greeting() proto.Greeting {
	m.t.Helper()
	if m.root == nil {
		ctx, cancel := context.WithTimeout(context.Background(), later)
		defer cancel()
		root, err := emu.WaitForRoot(ctx, m.Console)
		if err != nil {
			m.failed("waiting for root", err)
		}
		m.root = root
	}
	return m.root.Greeting
}

// try runs a command in root.
func (m *machine) try(args ...string) (output string, status int) {
	m.t.Helper()
	m.greeting()
	ctx, cancel := context.WithTimeout(context.Background(), later)
	defer cancel()
	out, status, err := m.root.Run(ctx, args...)
	if err != nil {
		m.failed(strings.Join(args, " "), err)
	}
	return string(out), status
}

// ends waits for the machine to end by itself.
func (m *machine) ends(want emu.Outcome) {
	m.t.Helper()
	select {
	case <-m.Done():
	case <-time.After(later):
		m.failed("waiting for the end", context.DeadlineExceeded)
	}
	if r := m.Wait(); r.Outcome != want {
		m.t.Errorf("the machine ended: %s, want %s\n%s", r.Outcome, want, r.Report)
	}
}
