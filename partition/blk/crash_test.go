//go:build !metal

package blk

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/partition/abi"
)

// A process does what the hypervisor does with a disk. Another one lets it go so
// many instructions and no further, puts its registers back to where they were at
// the beginning, as a reset does, and lets it do the same again: the guest must
// not notice, wherever the cut was.

// childKey is in the environment of the process that is cut off.
const childKey = "PERDURE_BLK_CUT"

// What stop returns in it.
const (
	goOn     = iota
	finished = 77 // there is no instruction left to be cut at
	redone   = 78 // this is after the cut
)

// stride is how many instructions lie between two cuts. Copies count each byte.
const stride = 41

// A story has a beginning, which is not cut off, what happens after a cut, and an
// end that must be the same always.
var stories = map[string]struct{ begin, cut, end func(g *guest) }{
	"memory": {begin: beginMemory, cut: func(*guest) {}, end: endMemory},
	"queue":  {begin: beginQueue, cut: func(g *guest) { g.answerAll() }, end: endAsked},
	"answer": {begin: beginAnswer, cut: func(*guest) {}, end: endQueue},
}

func beginMemory(g *guest) {
	g.ask(0, opOut, 8, pattern(512, 3), 512)
	g.ask(1, opIn, 8, nil, 512)
	g.ask(2, opGetID, 0, nil, 20)
}

func endMemory(g *guest) {
	g.expect(0, 1, statusOK)
	g.expect(1, 513, statusOK)
	g.expect(2, 21, statusOK)
	assert.Equal(g.t, pattern(512, 3), g.data(1, 512))
}

func beginQueue(g *guest) {
	g.d.ring().Wants = 1
	g.ask(0, opOut, 8, pattern(512, 3), 512)
	g.ask(1, opIn, 9, nil, 512)
	g.ask(2, opFlush, 0, nil, 0)
}

func beginAnswer(g *guest) {
	beginQueue(g)
	g.serve()
	g.answerAll()
}

// answerAll answers what is queued, each request for itself.
func (g *guest) answerAll() {
	for i := range uint64(abi.RingSlots) {
		if s := g.d.slot(i); s.State == abi.SlotQueued {
			data := []byte(nil)
			if s.Op == abi.RingRead {
				data = pattern(512, byte(s.Sector))
			}
			g.answer(i, abi.RingOK, data)
		}
	}
}

// endAsked: nobody has told the server yet, and that is not forgotten.
func endAsked(g *guest) {
	assert.Zero(g.t, g.d.ring().Wants)
	assert.EqualValues(g.t, Tell, g.d.Serve(&g.v, g.m, &g.c)&Tell)
	g.d.Told()
	endQueue(g)
}

func endQueue(g *guest) {
	g.answerAll()
	g.serve()
	seen := map[uint64]uint64{}
	for {
		k, n, status, ok := g.used()
		if !ok {
			break
		}
		seen[k] += n
		assert.EqualValues(g.t, statusOK, status)
	}
	assert.Equal(g.t, map[uint64]uint64{0: 1, 1: 513, 2: 1}, seen, "each answered once")
	assert.Equal(g.t, pattern(512, 9), g.data(1, 512))
	assert.EqualValues(g.t, 3, g.d.Seq)
	assert.Zero(g.t, g.d.InFlight())
}

// TestMain is the beginning of the process that is cut off as well.
func TestMain(m *testing.M) {
	name := os.Getenv(childKey)
	if name == "" {
		os.Exit(m.Run())
	}
	runtime.LockOSThread() // the thread that began, which is the one that is traced
	s, kind := stories[name], abi.DiskFile
	if name == "memory" {
		kind = abi.DiskRAM
	}
	for done := false; !done; {
		g := newGuest(&teller{}, kind, 0)
		s.begin(g)
		done = attempt(g, s.cut)
		s.end(g)
		assert.True(g.t, g.d.possible() && g.d.Step.What == stepNone)
	}
}

// attempt is what is cut off. Between its two stops nothing calls the Go runtime,
// which could not be cut off.
//
//go:noinline
func attempt(g *guest, cut func(g *guest)) bool {
	if stop(syscall.SIGUSR1) == redone {
		cut(g)
	}
	for g.d.Serve(&g.v, g.m, &g.c)&More != 0 {
	}
	return stop(syscall.SIGUSR2) == finished
}

var self = uintptr(os.Getpid())

// stop lets the other process look, without the Go runtime noticing.
//
//go:noinline
//go:nosplit
func stop(sig syscall.Signal) uintptr {
	r, _, _ := syscall.RawSyscall(syscall.SYS_TGKILL, self, self, uintptr(sig))
	return r
}

// teller is the testing.TB of the process that is cut off.
type teller struct{ testing.TB }

func (*teller) Helper()                     {}
func (*teller) Name() string                { return "cut off" }
func (*teller) FailNow()                    { os.Exit(1) }
func (t *teller) Errorf(f string, a ...any) { fmt.Printf(f+"\n", a...); os.Exit(1) }
func (t *teller) Fatal(a ...any)            { fmt.Println(a...); os.Exit(1) }

func TestCutOffAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("steps through instructions")
	}
	runtime.LockOSThread() // tracing is a thread's
	defer runtime.UnlockOSThread()
	for name := range stories {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread()
			cuts := cutOff(t, name)
			t.Logf("cut off at %d places", cuts)
			assert.Greater(t, cuts, 50)
		})
	}
}

// cutOff runs a story again and again, each time cut off later.
func cutOff(t *testing.T, name string) (cuts int) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childKey+"="+name, "GODEBUG=asyncpreemptoff=1", "GOGC=off")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); errors.Is(err, syscall.EPERM) {
		t.Skip("processes cannot be traced here")
	} else {
		require.NoError(t, err)
	}
	c := &traced{t: t, pid: cmd.Process.Pid}
	for c.wait(0) {
		switch c.sig {
		case syscall.SIGUSR1:
			if c.cutAfter(cuts * stride) {
				cuts++
			}
		case syscall.SIGUSR2:
			c.finish(goOn)
		}
		if c.over {
			c.over = false
			c.finish(finished)
		}
	}
	require.Zero(t, c.status.ExitStatus(), "after a cut at instruction %d", (cuts-1)*stride)
	return cuts
}
