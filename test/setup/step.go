package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// step runs a command with its output in a log file, and shows how far it is:
// in place on a terminal, else a line now and then.
func step(what, log string, env []string, command ...string) error {
	f, err := os.Create(log)
	if err != nil {
		return err
	}
	defer f.Close()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = f, f
	start := time.Now()
	fmt.Printf("setup: %s …\n", what)
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	every, format := 20*time.Second, "setup: %s, %s: %s\n"
	if isTerminal(os.Stdout) {
		every, format = time.Second, "\r\x1b[Ksetup: %s, %s: %.60s"
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			fmt.Printf(format, what, time.Since(start).Round(time.Second), lastLine(log))
		case err := <-done:
			if isTerminal(os.Stdout) {
				fmt.Print("\r\x1b[K")
			}
			if err != nil {
				return fmt.Errorf("%w; the end of %s:\n%s", err, log, tail(log, 20))
			}
			fmt.Printf("setup: %s done in %s\n", what, time.Since(start).Round(time.Second))
			return nil
		}
	}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func lastLine(log string) string { return tail(log, 1) }

// tail gives the last n lines of a file.
func tail(log string, n int) string {
	text, _ := os.ReadFile(log)
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-n):], []byte("\n")))
}
