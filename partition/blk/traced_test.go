//go:build !metal

package blk

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// traced is a process whose first thread stops when it signals itself.
type traced struct {
	t      testing.TB
	pid    int
	status syscall.WaitStatus
	sig    syscall.Signal // with which it has stopped
	over   bool           // it came to its end before it was cut off
}

// wait lets the process go on until it stops, and reports whether it still is.
// Signals that are not meant for us are passed on.
func (c *traced) wait(first syscall.Signal) bool {
	pass := first
	for begun := false; ; begun = true {
		if begun || c.sig != 0 {
			require.NoError(c.t, syscall.PtraceCont(c.pid, int(pass)))
		}
		c.await()
		if !c.status.Stopped() {
			return false
		}
		c.sig = c.status.StopSignal()
		if c.sig == syscall.SIGUSR1 || c.sig == syscall.SIGUSR2 {
			return true
		}
		if pass = c.sig; pass == syscall.SIGTRAP {
			pass = 0
		}
	}
}

func (c *traced) await() {
	_, err := syscall.Wait4(c.pid, &c.status, syscall.WALL, nil)
	require.NoError(c.t, err)
}

// frames is more than the calls take between attempt and the system call: they
// are returned from, overwritten, and returned from again.
const frames = 1024

// cutAfter lets the process do n instructions and puts it back to where it is
// now. With false it came to its end before.
func (c *traced) cutAfter(n int) bool {
	var start syscall.PtraceRegs
	var stack [frames]byte
	require.NoError(c.t, syscall.PtraceGetRegs(c.pid, &start))
	_, err := syscall.PtracePeekData(c.pid, uintptr(start.Rsp), stack[:])
	require.NoError(c.t, err)
	for range n {
		require.NoError(c.t, syscall.PtraceSingleStep(c.pid))
		c.await()
		require.True(c.t, c.status.Stopped(), "%v", c.status)
		switch c.status.StopSignal() {
		case syscall.SIGTRAP:
		case syscall.SIGUSR2:
			c.over = true
			return false
		default:
			require.Fail(c.t, "unexpected signal", "%v", c.status.StopSignal())
		}
	}
	_, err = syscall.PtracePokeData(c.pid, uintptr(start.Rsp), stack[:])
	require.NoError(c.t, err)
	c.result(start, redone)
	return true
}

// finish lets the process know how its story went.
func (c *traced) finish(val uint64) {
	var now syscall.PtraceRegs
	require.NoError(c.t, syscall.PtraceGetRegs(c.pid, &now))
	c.result(now, val)
}

// result puts registers in place, with val as what the last system call returned.
func (c *traced) result(r syscall.PtraceRegs, val uint64) {
	r.Rax, r.Orig_rax = val, ^uint64(0)
	require.NoError(c.t, syscall.PtraceSetRegs(c.pid, &r))
}
