package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// leaveKey is not Ctrl-], by which "hvctl console" is left.
const leaveKey = 0x1c // Ctrl-\

// interact joins the terminal and the serial line until the machine ends or
// the user leaves.
func (s *settings) interact(ctx context.Context, machine *rig.Run) error {
	left := make(chan struct{})
	if restore, ok := rawTerminal(); ok {
		defer restore()
		fmt.Fprintf(os.Stderr, "hvrun: %s with %d processor(s) and %d MiB; Ctrl-\\ leaves\r\n", s.Config.Kind.Resolve(), s.CPUs, s.Memory)
		go forward(os.Stdin, machine.Console, left)
	} else {
		go io.Copy(machine.Console, os.Stdin)
	}
	said := make(chan struct{})
	if s.until != nil {
		go func() {
			if _, err := machine.Expect(ctx, s.until); err == nil {
				close(said)
			}
		}()
	}
	select {
	case <-said:
		return nil
	case <-machine.Done():
		return emu.ErrEnded
	case <-left:
		fmt.Fprint(os.Stderr, "\r\nhvrun: left\r\n")
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// forward types what comes from the terminal on the line until the leave key.
func forward(from io.Reader, to io.Writer, left chan<- struct{}) {
	defer close(left)
	buf := make([]byte, 256)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if i := bytes.IndexByte(buf[:n], leaveKey); i >= 0 {
			to.Write(buf[:i])
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// showWait shows on a terminal what is waited for and how long it takes, until
// done is called.
func showWait(what string) (done func()) {
	if info, err := os.Stderr.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func() {}
	}
	over, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for n := 1; ; n++ {
			select {
			case <-over:
				fmt.Fprint(os.Stderr, "\r\x1b[K")
				return
			case <-tick.C:
				fmt.Fprintf(os.Stderr, "\r\x1b[Khvrun: %s, %d s", what, n)
			}
		}
	}()
	return func() { close(over); <-gone }
}

// rawTerminal hands every key over at once, if standard input is a terminal.
func rawTerminal() (restore func(), ok bool) {
	saved, err := stty("-g")
	if err != nil {
		return nil, false
	}
	if _, err := stty("raw", "-echo", "opost", "onlcr"); err != nil {
		return nil, false
	}
	return func() { stty(strings.TrimSpace(saved)) }, true
}

func stty(args ...string) (string, error) {
	cmd := exec.Command("stty", args...)
	cmd.Stdin = os.Stdin
	out, err := cmd.Output()
	if err != nil {
		return "", errors.New("no terminal")
	}
	return string(out), nil
}
