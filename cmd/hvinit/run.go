package main

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"perdure/cmd/hvrun/proto"
)

// What processes that a command has left behind still say is waited for as long
// as they do not pause, and not for ever. What the command itself has said comes
// at once, however long the line takes to pass it on.
const (
	lateOutput = 200 * time.Millisecond
	lastOutput = time.Minute
)

// late reads what a command says; once it has ended, each read has to have
// something soon.
type late struct {
	*os.File
	soon  time.Duration
	until atomic.Int64 // when reading ends at the latest, 0: the command has not ended
	left  time.Time    // when the last read ended
}

// Read reads what is there, also if we come to it after the time in which
// something had to come.
func (l *late) Read(p []byte) (n int, err error) {
	if until := l.until.Load(); until != 0 {
		until = l.until.Add(int64(time.Since(l.left))) // the line had that time, not who speaks
		soon := time.Now().Add(l.soon)
		if last := time.Unix(0, until); last.Before(soon) {
			soon = last
		}
		l.SetReadDeadline(soon)
	}
	defer func() { l.left = time.Now() }()
	n, err = l.File.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) && time.Now().UnixNano() < l.until.Load() {
		if m := l.rest(p); m > 0 {
			return m, nil
		}
	}
	return n, err
}

// rest reads what is there and waits for nothing.
func (l *late) rest(p []byte) (n int) {
	c, err := l.SyscallConn()
	if err != nil {
		return 0
	}
	c.Control(func(fd uintptr) {
		n, err = unix.Read(int(fd), p) // the Go runtime reads pipes without waiting in the kernel
	})
	return n
}

// end tells that the command has ended.
func (l *late) end() {
	l.until.Store(time.Now().Add(lastOutput).UnixNano())
	l.SetReadDeadline(time.Now().Add(l.soon))
}

// serveConsole serves hvrun on the console.
func serveConsole(tty *os.File) {
	raw(tty)
	s := &server{to: tty, run: runCommand, off: func() { end(unix.LINUX_REBOOT_CMD_POWER_OFF) }}
	s.serve(tty)
	complain("the console has ended")
}

// find looks a program up as a shell does.
func find(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	path, _ := strings.CutPrefix(environ[0], "PATH=")
	for dir := range strings.SplitSeq(path, ":") {
		if info, err := os.Stat(dir + "/" + name); err == nil && !info.IsDir() {
			return dir + "/" + name, nil
		}
	}
	return "", errors.New(name + ": there is no such program")
}

// runCommand runs one command to its end.
func runCommand(args []string, out io.Writer, stop <-chan struct{}) proto.Status {
	if len(args) == 0 {
		return proto.Status{Exit: 127, Error: "no command"}
	}
	path, err := find(args[0])
	if err != nil {
		return proto.Status{Exit: 127, Error: err.Error()}
	}
	// Its whole path as its name: u-root's one program follows it from link to
	// link to know which command it is, and sh is a link to gosh.
	args = append([]string{path}, args[1:]...)
	r, w, err := os.Pipe()
	if err != nil {
		return proto.Status{Exit: 126, Error: err.Error()}
	}
	defer r.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		w.Close()
		return proto.Status{Exit: 126, Error: err.Error()}
	}
	pid, ended, err := family.start(path, args, &syscall.ProcAttr{
		Dir: "/", Env: environ, Files: []uintptr{null.Fd(), w.Fd(), w.Fd()}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	w.Close()
	null.Close()
	if err != nil {
		return proto.Status{Exit: 126, Error: path + ": " + err.Error()}
	}
	copied, said := make(chan struct{}), &late{File: r, soon: lateOutput, left: time.Now()}
	go func() {
		io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{said}, make([]byte, proto.MaxBody))
		close(copied)
	}()
	var status unix.WaitStatus
	select {
	case status = <-ended:
	case <-stop:
		unix.Kill(-pid, unix.SIGKILL)
		status = <-ended
	}
	said.end()
	<-copied
	return proto.Status{Exit: exitStatus(status)}
}
