package guest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"perdure/cmd/internal/fake"
	"perdure/cmd/internal/guestfile"
	"perdure/partition/abi"
)

// Part of a kernel for tests: a multiboot header that says itself where it goes.
const kernel = "\x02\xb0\xad\x1b\x00\x00\x01\x00\xfe\x4f\x51\xe4" +
	"\x00\x00\x10\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10\x00"

// create makes a guest called web on a fake machine.
func create(t *testing.T) (*fake.Machine, *Host) {
	m, dir := fake.New(), t.TempDir()
	h := NewHost(m)
	h.Dir, h.Gap = filepath.Join(dir, "run"), time.Microsecond
	write := func(name, text string) string {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
		return filepath.Join(dir, name)
	}
	write("disk.img", string(make([]byte, 1024)))
	write("kernel", kernel)
	g, err := guestfile.Read(write("web.toml", "memory = \"2M\"\nkernel = \"kernel\"\n[[disk]]\nfile = \"disk.img\"\n"))
	require.NoError(t, err)
	b, err := Prepare(g)
	require.NoError(t, err)
	_, err = h.Create(g, b)
	require.NoError(t, err)
	return m, h
}

// What is remembered is what the file said, relative to where it was.
func TestRecall(t *testing.T) {
	_, h := create(t)
	g, err := h.Recall("web")
	require.NoError(t, err)
	require.Equal(t, filepath.Join(filepath.Dir(h.Dir), "disk.img"), g.Disks[0].File)
	require.NoError(t, os.Remove(g.Disks[0].File))
	_, err = h.Recall("web")
	require.NoError(t, err, "a file that is missing hides the others")

	_, err = h.Recall("other")
	require.ErrorContains(t, err, "created by other means")
	require.NoError(t, os.WriteFile(h.file("web"), []byte("memory = \"2M\"\n"), 0o600))
	_, err = h.Recall("web")
	require.ErrorContains(t, err, "is damaged")
}

// A file that is written belongs to one guest, by whatever name.
func TestDisksAreNotShared(t *testing.T) {
	_, h := create(t)
	dir := filepath.Dir(h.Dir)
	require.NoError(t, os.Link(filepath.Join(dir, "disk.img"), filepath.Join(dir, "link.img")))
	text := "memory = \"2M\"\nkernel = \"kernel\"\n[[disk]]\nfile = \"link.img\"\nreadonly = true\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "two.toml"), []byte(text), 0o600))
	g, err := guestfile.Read(filepath.Join(dir, "two.toml"))
	require.NoError(t, err)
	b, err := Prepare(g)
	require.NoError(t, err)
	_, err = h.Create(g, b)
	require.ErrorContains(t, err, "is a disk of web")
	require.NoError(t, h.Destroy("web"))
	_, err = h.Create(g, b)
	require.NoError(t, err)
}

// Two processes that start one guest do it one after the other.
func TestOneLoadsAtATime(t *testing.T) {
	m, h := create(t)
	m.SetState("web", abi.StateReset)
	unlock, err := h.lockGuest("web")
	require.NoError(t, err)
	started := make(chan error)
	go func() { started <- h.Start("web") }()
	select {
	case <-started:
		t.Fatal("it was started while another process loads it")
	case <-time.After(20 * time.Millisecond):
	}
	m.SetState("web", abi.StateReady) // the other process has done it
	unlock()
	require.NoError(t, <-started)
	require.Empty(t, m.Guest("web").Ops)
}

func TestReload(t *testing.T) {
	m, h := create(t)
	require.NoError(t, h.Start("web"))
	require.ErrorIs(t, h.Reload("web"), abi.ErrState)
	m.SetState("web", abi.StateStopped)
	require.NoError(t, h.Reload("web"))
	require.True(t, m.Guest("web").Loaded)
	require.ErrorIs(t, h.Reload("none"), ErrNone)
	require.NoError(t, h.Destroy("web"))
	require.NoError(t, h.Destroy("web"), "destroying what is gone")
}

func TestAwaitEnds(t *testing.T) {
	_, h := create(t)
	_, err := h.Await(1, time.Millisecond, func(*abi.Partition) (bool, error) { return false, nil })
	require.ErrorIs(t, err, ErrTimeout)
	_, err = h.Await(7, 0, func(*abi.Partition) (bool, error) { return true, nil })
	require.ErrorIs(t, err, ErrNone)
}

func TestStore(t *testing.T) {
	dir := t.TempDir()
	var f files
	defer f.close()
	unpack := func(out []byte) (int, error) { return copy(out, "text"), nil }
	b, err := f.fresh(filepath.Join(dir, "a"), 7000, unpack)
	require.NoError(t, err)
	require.Equal(t, "text", string(b))
	b, err = f.read(filepath.Join(dir, "a"))
	require.NoError(t, err)
	require.Equal(t, "text", string(b))
	_, err = f.fresh(filepath.Join(dir, "none", "a"), 7000, unpack)
	require.Error(t, err)
	_, err = f.fresh(filepath.Join(dir, "b"), 7000, func([]byte) (int, error) { return 0, errors.New("damaged") })
	require.Error(t, err)
	_, err = f.read(filepath.Join(dir, "c"))
	require.Error(t, err)
	left, _ := os.ReadDir(dir)
	require.Len(t, left, 1)
}

// A file that is cut short while a guest is made of it is an error, not the end.
func TestShrunkFile(t *testing.T) {
	var f files
	defer f.close()
	path := filepath.Join(t.TempDir(), "a")
	require.NoError(t, os.WriteFile(path, make([]byte, 20000), 0o644))
	b, err := f.read(path)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(path, 0))
	look := func() (err error) {
		defer whole(&err)()
		for _, c := range b {
			if c != 0 {
				return errors.New("not a zero")
			}
		}
		return nil
	}
	require.ErrorIs(t, look(), errShrank)
}
