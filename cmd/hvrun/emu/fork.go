package emu

import (
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A Copy is a machine that goes on from where another one stopped: Config.Forks.
type Copy struct {
	pid  int
	gone chan Result
	done chan struct{} // the machine that it is a copy of is no more, and so no copy
}

//go:embed fork/fork.c
var forkSource string

// forks is what a machine that is copied has.
type forks struct {
	orders *os.File
	ready  chan error // it stands where the copies begin
	began  chan int   // process of a copy
	gone   chan Result
	pid    int
}

// forked makes the emulator's process one that can be copied.
func (l *bochsLog) forked(dir string, cmd *exec.Cmd) error {
	source, library := filepath.Join(dir, "fork.c"), filepath.Join(dir, "fork.so")
	if err := os.WriteFile(source, []byte(forkSource), 0o644); err != nil {
		return err
	}
	if out, err := exec.Command("gcc", "-O2", "-shared", "-fPIC", "-o", library, source).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.Env, cmd.ExtraFiles = append(os.Environ(), "LD_PRELOAD="+library), []*os.File{theirs}
	l.forks = &forks{orders: ours, ready: make(chan error, 1), began: make(chan int, 1), gone: make(chan Result, 1)}
	return nil
}

// copied takes what the library says: lines of its own among the emulator's. It is
// called with the log's lock held.
func (l *bochsLog) copied(text string) {
	f := l.forks
	switch word, rest, _ := strings.Cut(strings.TrimPrefix(text, "fork: "), " "); word {
	case "ready":
		f.ready <- nil
	case "no":
		f.ready <- errors.New("the machine's memory does not have the mark")
	case "began":
		fmt.Sscan(rest, &f.pid)
		f.began <- f.pid
	case "gone":
		r := Result{Outcome: l.out, Instructions: l.ticks, Report: strings.Join(l.tail, "\n")}
		l.out, l.tail, f.pid = "", nil, 0
		f.gone <- r
	}
}

// Ready waits until the machine stands where copies of it begin.
func (m *Machine) Ready(ctx context.Context) error {
	f := m.log.(*bochsLog).forks
	select {
	case err := <-f.ready:
		return err
	case <-m.done:
		return fmt.Errorf("it ended before: %s", m.result.Outcome)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Fork lets a copy go on, which finds two words in its memory. There is one at a time.
func (m *Machine) Fork(a, b uint64) (*Copy, error) {
	f := m.log.(*bochsLog).forks
	words := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, a), b)
	if _, err := f.orders.Write(words); err != nil {
		return nil, err
	}
	select {
	case pid := <-f.began:
		return &Copy{pid, f.gone, m.done}, nil
	case <-m.done:
		return nil, errors.New("there is no machine any more")
	}
}

// Wait waits for the copy's end.
func (c *Copy) Wait() Result {
	select {
	case r := <-c.gone:
		return r
	case <-c.done:
		return Result{Outcome: Crashed}
	}
}

// End ends the copy; the report of its result has its registers.
func (c *Copy) End() Result {
	syscall.Kill(c.pid, syscall.SIGINT)
	select {
	case r := <-c.gone:
		return r
	case <-time.After(5 * time.Second):
		syscall.Kill(c.pid, syscall.SIGKILL)
		return c.Wait()
	}
}

// Kill ends the copy without a word.
func (c *Copy) Kill() {
	syscall.Kill(c.pid, syscall.SIGKILL)
	c.Wait()
}

// Used returns how much of a processor's time the emulator has used for the copy.
func (c *Copy) Used() time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.pid))
	_, rest, _ := strings.Cut(string(text), ") ")
	var user, system uint64
	if words := strings.Fields(rest); len(words) > 12 {
		fmt.Sscan(words[11], &user)
		fmt.Sscan(words[12], &system)
	}
	return time.Duration(user+system) * time.Second / 100
}
