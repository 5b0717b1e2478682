package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/fake"
	"perdure/partition/abi"
)

// bench is a machine with guest files beside it.
type bench struct {
	*testing.T
	m   *fake.Machine
	dir string
}

// A kernel for tests: a multiboot header that says itself where it goes.
var kernel = "\x02\xb0\xad\x1b\x00\x00\x01\x00\xfe\x4f\x51\xe4" +
	"\x00\x00\x10\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10\x00"

func newBench(t *testing.T) *bench {
	b := &bench{t, fake.New(), t.TempDir()}
	b.write("kernel", kernel)
	b.write("web.toml", "memory = \"2M\"\nkernel = \"kernel\"\nvcpus = 2\n[[net]]\nmac = \"02:00:00:00:00:01\"\n")
	return b
}

func (b *bench) write(name, text string) string {
	path := filepath.Join(b.dir, name)
	require.NoError(b, os.WriteFile(path, []byte(text), 0o644))
	return path
}

// run carries out a command line; FILE: is the folder of the files.
func (b *bench) run(want int, words ...string) (out, errors string) {
	b.Helper()
	var o, e bytes.Buffer
	env := &env{out: &o, err: &e, dir: filepath.Join(b.dir, "run"), open: func() (ask.Caller, error) { return b.m, nil }}
	for i := range words {
		words[i] = strings.ReplaceAll(words[i], "FILE:", b.dir+"/")
	}
	code := run(env, words)
	require.Equal(b, want, code, "%v: %s%s", words, o.String(), e.String())
	return o.String(), e.String()
}

func (b *bench) state(name string) abi.State {
	p, err := ask.Find(b.m, name)
	require.NoError(b, err)
	return p.State
}

func TestGuestLives(t *testing.T) {
	b := newBench(t)
	free := b.m.Info.Mem.Free
	out, _ := b.run(exitOK, "create", "FILE:web.toml")
	require.Contains(t, out, "web is partition 1: multiboot")
	g := b.m.Guest("web")
	require.Equal(t, "\x02\xb0\xad\x1b", string(g.At(0x100000, 4)))
	require.Equal(t, "RSD PTR ", string(g.At(abi.TablesAt, 8)))
	require.EqualValues(t, 0x100000, g.Entry.RIP)
	require.NotZero(t, g.Config.Token)
	require.NotZero(t, g.Config.Seed)
	for _, step := range []struct {
		line, want string
		state      abi.State
	}{
		{"start web", "web is ready", abi.StateReady},
		{"start web", "web is ready", abi.StateReady},
		{"pause web", "web is paused", abi.StatePaused},
		{"pause web", "web is paused", abi.StatePaused},
		{"resume web", "web is ready", abi.StateReady},
		{"stop --wait web", "web is off", abi.StateQuiesced},
		{"stop web", "web is off", abi.StateQuiesced},
		{"start web", "web is ready", abi.StateReady},
		{"stop web --now", "web is off", abi.StateQuiesced},
		{"set web weight=300 cpus=0", "web has weight 300, on processors 0", abi.StateQuiesced},
	} {
		out, _ := b.run(exitOK, strings.Fields(step.line)...)
		require.Equal(t, step.want+"\n", out, step.line)
		require.Equal(t, step.state, b.state("web"), step.line)
	}
	// It was loaded again.
	require.Equal(t, "\x02\xb0\xad\x1b", string(g.At(0x100000, 4)))
	out, _ = b.run(exitOK, "destroy", "web")
	require.Equal(t, "web is gone\n", out)
	require.Equal(t, free, b.m.Info.Mem.Free)
	left, err := os.ReadDir(filepath.Join(b.dir, "run"))
	require.NoError(t, err)
	require.Len(t, left, 1) // the lock
}

// The file is remembered as it was, whatever becomes of it.
func TestStartNeedsNoFile(t *testing.T) {
	b := newBench(t)
	b.run(exitOK, "create", "FILE:web.toml", "--start")
	b.write("web.toml", "memory = \"this is no longer a guest file")
	b.run(exitOK, "stop", "--now", "web")
	b.run(exitOK, "start", "web")
	require.NoError(t, os.Remove(filepath.Join(b.dir, "kernel")))
	b.run(exitOK, "stop", "--now", "web")
	_, errors := b.run(exitBad, "start", "web")
	require.Contains(t, errors, "kernel: open "+b.dir+"/kernel: no such file")
	require.Equal(t, abi.StateQuiesced, b.state("web"))
}

func TestCreateFails(t *testing.T) {
	b := newBench(t)
	bad := b.write("bad.toml", "kernel = \"none\"\nmemory = \"1\"\ncolour = \"red\"\n")
	_, errors := b.run(exitFile, "create", bad)
	require.Equal(t, 3, strings.Count(errors, bad+":"))
	out, _ := b.run(exitFile, "create", "--json", "--check", bad)
	var answer createJSON
	require.NoError(t, json.Unmarshal([]byte(out), &answer))
	require.Len(t, answer.Problems, 3)
	require.Equal(t, 1, answer.Problems[0].Line)

	b.write("text", "no kernel at all")
	_, errors = b.run(exitFile, "create", b.write("text.toml", "kernel = \"text\"\nmemory = \"2M\"\n"))
	require.Contains(t, errors, "no kernel that Perdure knows")
	_, errors = b.run(exitFile, "create", "FILE:nothing.toml")
	require.Contains(t, errors, "no such file")
	_, errors = b.run(exitMemory, "create", b.write("big.toml", "kernel = \"kernel\"\nmemory = \"1G\"\n"))
	require.Contains(t, errors, "not enough free memory: big wants 1024 MiB and 72 MiB are free")
	require.Empty(t, b.m.Guests)

	b.m.Fails = abi.ErrMemory
	b.run(exitMemory, "create", "FILE:web.toml")
	require.Empty(t, b.m.Guests, "what could not be created is left")
	b.m.Fails = 0

	b.run(exitOK, "create", "FILE:web.toml")
	_, errors = b.run(exitState, "create", "FILE:web.toml")
	require.Contains(t, errors, "web exists and is created")
	_, errors = b.run(exitBad, "create", b.write("two.toml", "kernel = \"kernel\"\nmemory = \"2M\"\n[[net]]\nmac = \"02:00:00:00:00:01\"\n"))
	require.Contains(t, errors, "is the address of a card of web")
	require.Len(t, b.m.Guests, 1)
}

func TestCheckMakesNothing(t *testing.T) {
	b := newBench(t)
	b.m.Err = abi.ErrRights // no hypervisor is asked
	out, _ := b.run(exitOK, "create", "--check", "FILE:web.toml")
	require.Contains(t, out, "web is good: multiboot")
}

// An hvctl that ended in the middle leaves a guest that was not loaded.
func TestHalfCreated(t *testing.T) {
	b := newBench(t)
	b.run(exitOK, "create", "FILE:web.toml")
	b.m.Guest("web").Loaded = false
	b.run(exitOK, "start", "web")
	require.Equal(t, []abi.Op{abi.OpStart, abi.OpReset, abi.OpStart}, b.m.Guest("web").Ops)
	b.m.SetState("web", abi.StateReset)
	b.run(exitOK, "start", "web")
	require.Equal(t, abi.StateReady, b.state("web"))
}

func TestRefusals(t *testing.T) {
	b := newBench(t)
	b.run(exitOK, "create", "FILE:web.toml")
	for _, c := range []struct {
		line string
		code int
		text string
	}{
		{"start none", exitNone, "no such partition"},
		{"destroy none", exitNone, "no such partition"},
		{"pause web", exitState, "web is created"},
		{"stop web", exitState, "web is created"},
		{"start", exitUsage, "name of one guest"},
		{"start a b", exitUsage, "name of one guest"},
		{"create", exitUsage, "name of one file"},
		{"set web", exitUsage, "what to change"},
		{"set web colour=red", exitUsage, "weight=N"},
		{"set web weight=0", exitUsage, "from 1 to 10000"},
		{"set web cpus=x", exitUsage, "processors are named"},
		{"set web cpus=5", exitBad, "cpus=5: argument out of range; there are processors 0 to 0"},
		{"dump web --vp 2", exitNone, "the last is 1"},
		{"dump web --address zero", exitUsage, "it is a number"},
		{"console web", exitUsage, "--read"},
		{"console web --read --since x", exitUsage, "a number, or end"},
		{"console web --until (", exitUsage, "--until"},
		{"console none --read", exitNone, "no such partition"},
	} {
		_, errors := b.run(c.code, strings.Fields(c.line)...)
		require.Contains(t, errors, c.text, c.line)
	}
	b.run(exitOK, "start", "web")
	b.m.Guest("web").Deaf = true
	_, errors := b.run(exitTimeout, "stop", "web", "--wait", "--timeout", "20ms")
	require.Contains(t, errors, "hvctl stop --now web")
	b.run(exitOK, "pause", "web")
	_, errors = b.run(exitState, "start", "web")
	require.Contains(t, errors, "hvctl resume web")
}
