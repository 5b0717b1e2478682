package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/disk"
	"perdure/partition/abi"
)

// ringAt is where the rings of the machine below lie, by index of the disk.
const ringAt = 1 << 30

// hypervisor is a machine whose guests' disks have rings; many may call it at once.
type hypervisor struct {
	mu    sync.Mutex
	m     ask.Caller
	rings [abi.MaxDisks][]byte
	calls [abi.MaxDisks]atomic.Int64 // of CallRing
}

func (h *hypervisor) Call(n abi.Call, buf []byte, args ...uint64) (count, second uint64, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n == abi.CallRing {
		h.calls[args[1]].Add(1)
		return 0, 0, nil
	}
	count, second, err = h.m.Call(n, buf, args...)
	if n == abi.CallDisk && err == nil && h.rings[args[1]] != nil {
		var d abi.DiskInfo
		abi.Decode(buf[:count], &d, false)
		d.Ring, d.RingSize = ringAt+args[1]<<20, abi.RingBytes
		copy(buf, d.Bytes())
	}
	return count, second, err
}

// lockedBuffer may be written and read at the same time.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) has(text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Contains(b.String(), text)
}

// serving is a bench with a server.
type serving struct {
	*bench
	*server
	h   *hypervisor
	out *lockedBuffer
}

// newServing creates a guest with a file for each of its disks.
func newServing(t *testing.T, disks ...string) *serving {
	b := newBench(t)
	text := "memory = \"2M\"\nkernel = \"kernel\"\n"
	h := &hypervisor{m: b.m}
	for i, name := range disks {
		b.write(name, strings.Repeat("-", 8192))
		text += "[[disk]]\nfile = \"" + name + "\"\n"
		h.rings[i] = disk.Fake(8192)
	}
	b.write("web.toml", text)
	b.run(0, "create", "--start", "FILE:web.toml")
	v := &serving{bench: b, h: h, out: &lockedBuffer{}}
	e := &env{out: v.out, err: v.out, dir: filepath.Join(b.dir, "run"), open: func() (ask.Caller, error) { return h, nil }}
	v.server = newServer(e, h)
	v.mapAt = func(at, size uint64) ([]byte, error) { return h.rings[(at-ringAt)>>20], nil }
	v.unmap = func([]byte) error { return nil }
	t.Cleanup(func() { eventually(t, "none is being started", v.restsAll) }) // before its folder goes
	return v
}

// restsAll says whether no guest is being started again.
func (v *serving) restsAll() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.again) == 0
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	require.Eventually(t, f, 10*time.Second, time.Millisecond, what)
}

// ask queues a request to write text to the first sector of a disk, and sends the
// event if the server wants it.
func (v *serving) ask(i int, text string) *abi.RingSlot {
	h := disk.Ask(v.h.rings[i], abi.RingWrite, 0, []byte(text+strings.Repeat("\x00", 512-len(text))))
	if atomic.SwapUint64(&disk.Head(v.h.rings[i]).Wants, 0) != 0 {
		v.event(abi.RingEvent+1, v.h)
	}
	return h
}

func (v *serving) setState(name string, state abi.State) {
	v.h.mu.Lock()
	defer v.h.mu.Unlock()
	v.m.SetState(name, state)
}

func (v *serving) stateOf(name string) abi.State {
	p, err := ask.Find(v.h, name)
	require.NoError(v, err)
	return p.State
}

func (v *serving) answered(i int) func() bool {
	return func() bool { return atomic.LoadUint64(&disk.Head(v.h.rings[i]).Slot[0].State) == abi.SlotDone }
}

func TestServesDisks(t *testing.T) {
	v := newServing(t, "a.img", "b.img")
	v.ask(1, "before") // asked before anybody served
	require.NoError(t, v.look())
	eventually(t, "answer", v.answered(1))
	eventually(t, "waits", func() bool { return atomic.LoadUint64(&disk.Head(v.h.rings[0]).Wants) == 1 })
	v.ask(0, "after")
	eventually(t, "answer", v.answered(0))
	for name, want := range map[string]string{"a.img": "after", "b.img": "before"} {
		b, _ := os.ReadFile(filepath.Join(v.dir, name))
		assert.Equal(t, want, string(bytes.TrimRight(b[:512], "\x00")))
	}
	eventually(t, "calls", func() bool { return v.h.calls[0].Load() == 1 && v.h.calls[1].Load() == 1 })

	require.NoError(t, v.look(), "looking again changes nothing")
	atomic.StoreUint64(&disk.Head(v.h.rings[0]).Closing, 1)
	v.event(abi.RingEvent+1, v.h)
	eventually(t, "left", func() bool { return atomic.LoadUint64(&disk.Head(v.h.rings[0]).Server) == 0 })
	assert.EqualValues(t, 1, disk.Head(v.h.rings[1]).Server)
}

// Whoever hears of events waits for no disk: one that is busy is left to whom
// it keeps busy.
func TestEventWaitsForNoDisk(t *testing.T) {
	v := newServing(t, "a.img")
	require.NoError(t, v.look())
	wants := func() bool { return atomic.LoadUint64(&disk.Head(v.h.rings[0]).Wants) == 1 }
	eventually(t, "waits", wants)
	d := v.disksOf(1, nil)[0]
	d.busy.Lock()
	v.ask(0, "x")
	assert.False(t, v.answered(0)())
	d.busy.Unlock()
	eventually(t, "answer", v.answered(0))
	eventually(t, "waits", wants)
	assert.Empty(t, v.disksOf(2, nil))
}

// A disk without its file is complained about once, and served when there is one.
func TestImageIsMissing(t *testing.T) {
	v := newServing(t, "a.img")
	path := filepath.Join(v.dir, "a.img")
	require.NoError(t, os.Truncate(path, 100))
	v.ask(0, "x")
	require.NoError(t, v.look())
	require.NoError(t, v.look())
	text := v.out.String()
	assert.Equal(t, 1, strings.Count(text, "\n"), text)
	assert.Contains(t, text, "web, disk 0: "+path+" has 100 bytes")
	assert.Contains(t, text, "truncate -s 8192 "+path)
	os.Remove(path)
	require.NoError(t, v.look())
	assert.Contains(t, v.out.String(), "does not exist: put the image there")
	assert.False(t, v.answered(0)())
	v.write("a.img", strings.Repeat("-", 8192))
	require.NoError(t, v.look())
	eventually(t, "answer", v.answered(0))
}

// A guest that reset itself is loaded again, by the next server if this one is
// killed in the middle.
func TestStartsAgain(t *testing.T) {
	v := newServing(t)
	v.setState("web", abi.StateReset)
	require.NoError(t, v.look())
	eventually(t, "runs", func() bool { return v.out.has("web: has reset itself and runs again") })
	assert.Equal(t, abi.StateReady, v.stateOf("web"))

	v.setState("web", abi.StateReset) // and the server dies when that much is done
	_, err := ask.Control(v.h, 1, abi.OpReset)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(v.mark("web"), nil, 0o600))
	eventually(t, "runs", func() bool { return v.look() == nil && v.stateOf("web") == abi.StateReady })
	eventually(t, "no mark", func() bool { return !v.halfWay("web") })

	os.Remove(filepath.Join(v.dir, "kernel"))
	v.setState("web", abi.StateReset)
	eventually(t, "complaint", func() bool { return v.look() == nil && v.out.has("does not start again: kernel: open") })
	os.WriteFile(v.mark("gone"), nil, 0o600)
	require.NoError(t, v.look())
	assert.False(t, v.halfWay("gone"))
}

// A guest that is to stay off when it resets itself is off then, not about to begin.
func TestStaysOff(t *testing.T) {
	v := newServing(t)
	v.write("still.toml", "memory = \"2M\"\nkernel = \"kernel\"\non_reboot = \"stop\"\n")
	v.run(0, "create", "--start", "FILE:still.toml")
	v.setState("still", abi.StateReset)
	require.NoError(t, v.look())
	eventually(t, "off", func() bool { return v.stateOf("still") == abi.StateQuiesced })
	assert.True(t, v.out.has("still: has reset itself and stays off"))
}

func TestOneServer(t *testing.T) {
	v := newServing(t)
	unlock, err := v.alone()
	require.NoError(t, err)
	_, err = newServer(v.env, v.h).alone()
	assert.ErrorContains(t, err, "runs already")
	unlock()
	unlock, err = v.alone()
	require.NoError(t, err)
	unlock()
}

// Events come as bytes; when they end, looking has to do.
func TestEvents(t *testing.T) {
	v := newServing(t)
	path := v.write("events", string([]byte{abi.StateEvent + 1}))
	go v.listen(path)
	eventually(t, "state", func() bool { return len(v.wanted) == 1 })
	eventually(t, "complaint", func() bool { return v.out.has("it has ended; disks are looked at ten times a second") })
}
