package disk

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/partition/abi"
)

// asker is the hypervisor's side of a ring.
type asker struct {
	memory []byte
	*abi.RingHead
	seq uint64
}

func newAsker(sectors uint64, flags uint32) *asker {
	a := &asker{memory: make([]byte, abi.RingBytes)}
	a.RingHead = Head(a.memory)
	a.Magic, a.Version, a.Slots, a.SlotSize = abi.RingMagic, abi.RingVersion, abi.RingSlots, abi.RingSlotMax
	a.Capacity, a.Flags = sectors*512, flags
	return a
}

// ask queues a request in a free slot and returns which it is.
func (a *asker) ask(op uint32, sector, n uint64, data []byte) int {
	for i := range a.Slot {
		s := &a.Slot[i]
		if s.State != abi.SlotFree {
			continue
		}
		a.seq++
		s.Seq, s.Op, s.Sector, s.Bytes, s.Status = a.seq, op, sector, n, ^uint32(0)
		copy(a.data(i), data)
		atomic.StoreUint64(&s.State, abi.SlotQueued)
		return i
	}
	return -1
}

func (a *asker) data(i int) []byte {
	return a.memory[abi.RingData+i*abi.RingSlotMax:][:abi.RingSlotMax]
}

// answer takes the answer of slot i.
func (a *asker) answer(t *testing.T, i int) uint32 {
	t.Helper()
	require.EqualValues(t, abi.SlotDone, a.Slot[i].State)
	a.Slot[i].State = abi.SlotFree
	return a.Slot[i].Status
}

// file is a File that notes what is done with it, and fails or dies when told to.
type file struct {
	b       []byte
	log     []string
	failing error
	die     int // panic at this operation
}

var errDies = errors.New("killed")

func (f *file) note(what string) error {
	f.log = append(f.log, what)
	if f.die > 0 && len(f.log) == f.die {
		panic(errDies)
	}
	return f.failing
}

func (f *file) ReadAt(b []byte, off int64) (int, error) {
	return copy(b, f.b[off:]), f.note("read")
}

func (f *file) WriteAt(b []byte, off int64) (int, error) {
	return copy(f.b[off:], b), f.note("write")
}

func (f *file) Sync() error { return f.note("sync") }

func TestServe(t *testing.T) {
	a := newAsker(128, 0)
	f := &file{b: make([]byte, 64<<10)}
	r, err := New(a.memory, f)
	require.NoError(t, err)
	assert.EqualValues(t, 1, a.Server)

	page := bytes.Repeat([]byte("perdure!"), 512)
	w := a.ask(abi.RingWrite, 8, 4096, page)
	s := a.ask(abi.RingFlush, 0, 0, nil)
	rd := a.ask(abi.RingRead, 15, 1024, nil)
	calls := 0
	assert.Equal(t, 3, r.Serve(func() {
		if calls++; calls == 1 {
			assert.EqualValues(t, abi.SlotDone, a.Slot[w].State, "told before the flush")
		}
	}))
	assert.Equal(t, 2, calls)
	assert.Equal(t, []string{"write", "sync", "read"}, f.log)
	assert.EqualValues(t, abi.RingOK, a.answer(t, w))
	assert.EqualValues(t, abi.RingOK, a.answer(t, s))
	assert.EqualValues(t, abi.RingOK, a.answer(t, rd))
	assert.Equal(t, append(bytes.Clone(page[3584:]), make([]byte, 512)...), a.data(rd)[:1024])
	assert.Equal(t, 0, r.Serve(func() { t.Error("called for nothing") }))
}

func TestRefused(t *testing.T) {
	f := &file{b: make([]byte, 64<<10)}
	a, ro := newAsker(128, 0), newAsker(128, abi.DiskReadOnly)
	r, _ := New(a.memory, f)
	q, _ := New(ro.memory, f)
	for _, c := range []struct {
		a         *asker
		op        uint32
		sector, n uint64
		want      uint32
	}{
		{a, abi.RingRead, 127, 512, abi.RingOK},
		{a, abi.RingRead, 128, 512, abi.RingError},
		{a, abi.RingRead, 127, 1024, abi.RingError},
		{a, abi.RingRead, 1<<64 - 1, 512, abi.RingError},
		{a, abi.RingRead, 1 << 55, 512, abi.RingError},
		{a, abi.RingWrite, 0, abi.RingSlotMax, abi.RingOK},
		{a, abi.RingWrite, 0, abi.RingSlotMax + 1, abi.RingError},
		{a, abi.RingRead, 0, 1<<64 - 1, abi.RingError},
		{a, 77, 0, 512, abi.RingError},
		{ro, abi.RingWrite, 0, 512, abi.RingError},
		{ro, abi.RingRead, 0, 512, abi.RingOK},
		{ro, abi.RingFlush, 0, 0, abi.RingOK},
	} {
		i := c.a.ask(c.op, c.sector, c.n, nil)
		assert.Equal(t, 1, r.Serve(func() {})+q.Serve(func() {}))
		assert.Equal(t, c.want, c.a.answer(t, i), "%+v", c)
	}
	f.failing = errors.New("no space left on device")
	i := a.ask(abi.RingWrite, 0, 512, nil)
	r.Serve(func() {})
	assert.EqualValues(t, abi.RingError, a.answer(t, i))
	assert.Equal(t, f.failing, r.Last)
}

// A server that is killed at any of its operations leaves everything that it
// did not answer to the next one.
func TestKilled(t *testing.T) {
	for die := 1; die <= 6; die++ {
		a := newAsker(128, 0)
		f := &file{b: make([]byte, 64<<10), die: die}
		serve := func() (n int) {
			defer func() { recover() }()
			r, err := New(a.memory, f)
			require.NoError(t, err)
			return r.Serve(func() {})
		}
		a.seq = 1<<64 - 3 // sequences may wrap
		var slots []int
		for i := range uint64(3) {
			slots = append(slots, a.ask(abi.RingWrite, 0, 512, bytes.Repeat([]byte{byte(i + 1)}, 512)))
			slots = append(slots, a.ask(abi.RingRead, 0, 512, nil))
		}
		serve()
		serve()
		for i, slot := range slots {
			assert.EqualValues(t, abi.RingOK, a.answer(t, slot))
			if i%2 == 1 {
				assert.EqualValues(t, i/2+1, a.data(slot)[0], "killed at %d: order is kept", die)
			}
		}
	}
}

func TestNoRing(t *testing.T) {
	_, err := New(make([]byte, abi.RingBytes), nil)
	assert.ErrorIs(t, err, ErrNoRing)
	_, err = New(nil, nil)
	assert.ErrorIs(t, err, ErrNoRing)
	a := newAsker(1, 0)
	a.Version++
	_, err = New(a.memory, nil)
	assert.ErrorIs(t, err, ErrVersion)
}

func TestWants(t *testing.T) {
	a := newAsker(128, 0)
	r, _ := New(a.memory, &file{})
	assert.False(t, r.Want())
	assert.True(t, r.Wanted())
	a.ask(abi.RingFlush, 0, 0, nil)
	assert.True(t, r.Want(), "what came before need not be told")
	assert.False(t, r.Closing())
	a.Closing = 1
	assert.True(t, r.Closing())
	r.Leave()
	assert.Zero(t, a.Server)
}

func TestImages(t *testing.T) {
	dir := t.TempDir()
	path := func(name string, size int64, mode os.FileMode) string {
		full := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(full, make([]byte, size), mode))
		return full
	}
	good := path("good.img", 8192, 0o600)
	for _, c := range []struct {
		name     string
		path     string
		capacity uint64
		text     string
	}{
		{"whole", good, 8192, ""},
		{"longer than needed", good, 4096, ""},
		{"too small", good, 12288, "truncate -s 12288 " + good},
		{"missing", filepath.Join(dir, "none.img"), 4096, "truncate -s 4096 "},
		{"a folder", dir, 4096, "is a directory"},
		{"no file", "/dev/null", 0, ""},
	} {
		f, err := Open(c.path, c.capacity, false)
		if c.text == "" {
			if assert.NoError(t, err, c.name) {
				f.Close()
			}
			continue
		}
		assert.ErrorContains(t, err, c.text, c.name)
	}
	f, err := Open(path("fixed.img", 512, 0o400), 512, true)
	require.NoError(t, err)
	_, err = f.WriteAt([]byte{1}, 0)
	assert.Error(t, err)
	f.Close()
}
