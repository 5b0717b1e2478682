package disk

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/partition/abi"
)

// image makes an image file in a folder and a ring for it.
func image(t *testing.T, dir string) (*asker, *Ring) {
	path := filepath.Join(dir, "perdure-test.img")
	require.NoError(t, os.WriteFile(path, make([]byte, 64<<10), 0o600))
	t.Cleanup(func() { os.Remove(path) })
	f, err := Open(path, 64<<10, false)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	a := newAsker(128, 0)
	r, err := New(a.memory, f)
	require.NoError(t, err)
	return a, r
}

// Nothing is waited for that is in memory.
func TestMemoryIsNow(t *testing.T) {
	const memory = "/dev/shm"
	if _, err := os.Stat(memory); err != nil {
		t.Skip("this system has no file system in memory at " + memory)
	}
	a, r := image(t, memory)
	page := bytes.Repeat([]byte("perdure!"), 512)
	slots := []int{a.ask(abi.RingWrite, 8, 4096, page), a.ask(abi.RingFlush, 0, 0, nil), a.ask(abi.RingRead, 8, 4096, nil), a.ask(abi.RingRead, 128, 512, nil)}
	calls := 0
	n, waits := r.ServeNow(func() { calls++ })
	assert.Equal(t, 4, n)
	assert.False(t, waits)
	assert.Equal(t, 2, calls, "before the flush, and at the end")
	for i, slot := range slots {
		want := uint32(abi.RingOK)
		if i == 3 {
			want = abi.RingError // beyond the end
		}
		assert.Equal(t, want, a.answer(t, slot), i)
	}
	assert.Equal(t, page, a.data(slots[2])[:4096])
}

// What a disk may have to be waited for stays queued, and all that comes after it,
// until somebody serves who can wait.
func TestDisksAreWaitedFor(t *testing.T) {
	a, r := image(t, t.TempDir())
	r.now = cached{r.file.(*os.File)} // wherever the folder is
	r.Serve(func() {})
	page := bytes.Repeat([]byte("perdure!"), 512)
	slots := []int{a.ask(abi.RingRead, 0, 4096, nil), a.ask(abi.RingWrite, 8, 4096, page), a.ask(abi.RingRead, 8, 4096, nil), a.ask(abi.RingFlush, 0, 0, nil)}
	n, waits := r.ServeNow(func() {})
	assert.True(t, waits)
	assert.LessOrEqual(t, n, 1, "a read is done if the kernel has what it reads")
	assert.EqualValues(t, abi.SlotQueued, a.Slot[slots[1]].State)
	assert.EqualValues(t, abi.SlotQueued, a.Slot[slots[2]].State)
	assert.Equal(t, 4-n, r.Serve(func() {}))
	for _, slot := range slots {
		assert.EqualValues(t, abi.RingOK, a.answer(t, slot))
	}
	assert.Equal(t, page, a.data(slots[2])[:4096])
	assert.Zero(t, r.Errors)
}

// Of a file that is none of the system's nobody knows how long it takes.
func TestUnknownFilesAreWaitedFor(t *testing.T) {
	a := newAsker(128, 0)
	r, err := New(a.memory, &file{b: make([]byte, 64<<10)})
	require.NoError(t, err)
	n, waits := r.ServeNow(nil)
	assert.Zero(t, n)
	assert.False(t, waits)
	a.ask(abi.RingRead, 0, 512, nil)
	n, waits = r.ServeNow(nil)
	assert.Zero(t, n)
	assert.True(t, waits)
}
