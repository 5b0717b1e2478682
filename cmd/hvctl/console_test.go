package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/cmd/internal/ask"
	"perdure/partition/abi"
)

func TestConsoleForScripts(t *testing.T) {
	b := newBench(t)
	b.run(exitOK, "create", "FILE:web.toml")
	g := b.m.Guest("web")
	g.Said = []byte("booting\nlogin: ")
	out, _ := b.run(exitOK, "console", "web", "--read")
	require.Equal(t, "booting\nlogin: ", out)
	g.From = 8
	out, _ = b.run(exitOK, "console", "web", "--read", "--json")
	require.JSONEq(t, `{"text": "login: ", "position": 15, "lost": 8}`, out)
	out, _ = b.run(exitOK, "console", "web", "--read", "--since", "11")
	require.Equal(t, "in: ", out)
	out, _ = b.run(exitOK, "console", "web", "--send", `root\n`, "--until", "^login")
	require.Equal(t, "login: ", out)
	require.Equal(t, "root\n", string(g.Typed))
	b.run(exitTimeout, "console", "web", "--until", "never", "--timeout", "1ms")
	out, _ = b.run(exitOK, "console", "web", "--read", "--since", "end")
	require.Empty(t, out)
}

// The terminal shows what was said and types until Ctrl-].
func TestConverse(t *testing.T) {
	b := newBench(t)
	b.run(exitOK, "create", "FILE:web.toml")
	g := b.m.Guest("web")
	g.Said = []byte("hello\r\n")
	var out bytes.Buffer
	e := &env{out: &out, err: &out, open: func() (ask.Caller, error) { return b.m, nil }}
	h, err := e.host("web")
	require.NoError(t, err)
	typed := make(chan []byte, 2)
	typed <- []byte("ls\r")
	typed <- []byte("x\x1dy")
	require.NoError(t, converse(e, &line{host: h, id: 1}, typed))
	require.Equal(t, "hello\r\n", out.String())
	require.Equal(t, "ls\rx", string(g.Typed))
	b.run(exitOK, "destroy", "web")
	require.ErrorContains(t, converse(e, &line{host: h, id: 1}, typed), "the guest is gone")
}

func TestDump(t *testing.T) {
	b := newBench(t)
	b.run(exitOK, "create", "FILE:web.toml")
	b.m.Trace = []abi.TraceEntry{{TSC: 1, Reason: 10, Partition: 1, VP: 1, RIP: 0x77}, {TSC: 2, Reason: 12, Partition: 0}}
	out, _ := b.run(exitOK, "dump", "web", "--vp", "1", "--address", "0xffffffff81000000")
	for _, want := range []string{"web.1 created", "rax 0000000000001234", "last exit: hlt", "guest-physical 0x1000000", "a page of 2 MiB", "cpuid", "0x77"} {
		require.Contains(t, out, want)
	}
	out, _ = b.run(exitOK, "dump", "web", "--json")
	var answer map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &answer))
	require.Equal(t, "0xffffffff81000000", answer["registers"].(map[string]any)["rip"])
	require.Nil(t, answer["walk"])
}

func TestTopShowsGuests(t *testing.T) {
	b := newBench(t)
	b.run(exitOK, "create", "FILE:web.toml", "--start")
	out, _ := b.run(exitOK, "top", "--once", "--interval", "1ms")
	require.Contains(t, out, "02:00:00:00:00:01")
	out, _ = b.run(exitOK, "top", "--json", "--interval", "1ms")
	var view viewJSON
	require.NoError(t, json.Unmarshal([]byte(out), &view))
	require.Len(t, view.Partitions, 2)
	require.Equal(t, "web", view.Partitions[1].Name)
	require.Len(t, view.Ports, 1)
}
