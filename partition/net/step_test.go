//go:build !metal

package net

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"perdure/mm/kept"
	"perdure/mm/phys"
)

// The test of crashes runs the switch in a process of its own, one instruction
// at a time, on memory that it shares with the test. Whenever that memory has
// changed, the test takes a copy: that is what a crash would have left.

// worldSize is the memory of a test's machine.
const worldSize = keptEnd + guests*guestMem

// stepped is the variable that says in which test's child we are.
const stepped = "PERDURE_NET_STEPPED"

func init() { runtime.LockOSThread() } // the child is traced by its first thread

func TestMain(m *testing.M) {
	if name := os.Getenv(stepped); name != "" {
		stepChild(moves[name])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// halt stops this process until the test goes on with it.
func halt() { syscall.Tgkill(os.Getpid(), syscall.Gettid(), syscall.SIGSTOP) }

// stepChild carries out a move between two halts, on the memory of file 3.
func stepChild(m move) {
	must(phys.Share(3, worldSize))
	must(kept.Attach(keptAt))
	list, err := kept.Table[world](kept.KindSwitch, 1)
	must(err)
	w := &list[0]
	w.connect()
	halt()
	m.do(w)
	halt()
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// step runs a move one instruction at a time and calls f with a copy of the
// memory before it, after each change, and at its end. It returns how many
// instructions that were.
func step(t *testing.T, name string, f func(memory []byte)) (instructions, changes int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	fd, err := unix.MemfdCreate("world", 0)
	require.NoError(t, err)
	file := os.NewFile(uintptr(fd), "world")
	defer file.Close()
	require.NoError(t, file.Truncate(worldSize))
	require.NoError(t, phys.Share(file.Fd(), worldSize))
	w := makeWorld(t)
	moves[name].prepare(w)
	shared, err := unix.Mmap(fd, 0, worldSize, unix.PROT_READ, unix.MAP_SHARED)
	require.NoError(t, err)
	defer unix.Munmap(shared)

	c := exec.Command("/proc/self/exe")
	c.Env = append(os.Environ(), stepped+"="+name, "GODEBUG=asyncpreemptoff=1", "GOGC=off")
	c.ExtraFiles, c.Stderr = []*os.File{file}, os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Ptrace: true, Pdeathsig: syscall.SIGKILL}
	require.NoError(t, c.Start())
	defer func() { c.Process.Kill(); c.Wait() }()
	pid := c.Process.Pid
	wait := func() (s syscall.WaitStatus) {
		_, err := syscall.Wait4(pid, &s, syscall.WALL, nil)
		require.NoError(t, err)
		require.True(t, s.Stopped(), "the child has ended: %v", s)
		return s
	}
	for s := wait(); s.StopSignal() != syscall.SIGSTOP; s = wait() {
		require.NoError(t, syscall.PtraceCont(pid, 0))
	}
	last := bytes.Clone(shared)
	f(bytes.Clone(last))
	for {
		require.NoError(t, syscall.PtraceSingleStep(pid))
		if s := wait(); s.StopSignal() != syscall.SIGTRAP {
			return instructions, changes
		}
		instructions++
		if changed(last, shared) {
			changes++
			f(bytes.Clone(last))
		}
	}
}

// changed copies to last what is different in now, and reports whether anything was.
func changed(last, now []byte) (any bool) {
	for at := 0; at < len(now); at += 4096 {
		if !bytes.Equal(last[at:at+4096], now[at:at+4096]) {
			copy(last[at:at+4096], now[at:])
			any = true
		}
	}
	return any
}
