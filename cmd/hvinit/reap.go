package main

import (
	"os"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// children knows the processes that somebody waits for; the first process also
// collects those that have lost their parents.
type children struct {
	mu   sync.Mutex
	wait map[int]chan unix.WaitStatus
}

// family is this process's.
var family = newChildren()

func newChildren() *children {
	c := &children{wait: map[int]chan unix.WaitStatus{}}
	died := make(chan os.Signal, 1)
	signal.Notify(died, unix.SIGCHLD)
	go func() {
		for range died {
			c.reap()
		}
	}()
	return c
}

// start starts a program. Its end comes through the channel.
func (c *children) start(path string, args []string, attr *syscall.ProcAttr) (pid int, ended <-chan unix.WaitStatus, err error) {
	c.mu.Lock() // so that an early end finds the channel
	defer c.mu.Unlock()
	pid, err = syscall.ForkExec(path, args, attr)
	if err != nil {
		return 0, nil, err
	}
	ch := make(chan unix.WaitStatus, 1)
	c.wait[pid] = ch
	return pid, ch, nil
}

// reap collects all that have ended and reports whether there are children left.
func (c *children) reap() (left bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return err == nil
		}
		if ch := c.wait[pid]; ch != nil {
			ch <- status
			delete(c.wait, pid)
		}
	}
}

// exitStatus gives a status as a shell does.
func exitStatus(s unix.WaitStatus) int {
	if s.Signaled() {
		return 128 + int(s.Signal())
	}
	return s.ExitStatus()
}
