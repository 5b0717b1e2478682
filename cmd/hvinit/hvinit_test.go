package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestOption(t *testing.T) {
	for _, c := range []struct{ cmdline, want string }{
		{"console=ttyS0 hvrun=1 quiet", "1"}, {"hvrun=1 hvrun=0", "0"}, {"nohvrun=1", ""}, {"", ""}, {"hvrun", ""},
	} {
		if got := option(c.cmdline, "hvrun"); got != c.want {
			t.Errorf("%q: %q, want %q", c.cmdline, got, c.want)
		}
	}
}

func TestRunCommand(t *testing.T) {
	old := environ
	defer func() { environ = old }()
	environ = []string{"PATH=/usr/bin:/bin"}
	for _, c := range []struct {
		args   []string
		exit   int
		output string
		failed bool
	}{
		{[]string{"sh", "-c", "echo out; echo err >&2; exit 3"}, 3, "out\nerr\n", false},
		{[]string{"sh", "-c", "kill -9 $$"}, 128 + 9, "", false},
		{[]string{"sh", "-c", "sleep 60 & echo left"}, 0, "left\n", false}, // nobody waits for what was left behind
		{[]string{"there-is-no-such-program"}, 127, "", true},
		{[]string{"/etc/passwd"}, 126, "", true},
		{nil, 127, "", true},
	} {
		var out bytes.Buffer
		status := runCommand(c.args, &out, nil)
		if status.Exit != c.exit || out.String() != c.output || (status.Error != "") != c.failed {
			t.Errorf("%q: %+v, output %q", c.args, status, out.String())
		}
	}
}

func TestStopEndsACommand(t *testing.T) {
	old := environ
	defer func() { environ = old }()
	environ = []string{"PATH=/usr/bin:/bin"}
	stop := make(chan struct{})
	close(stop)
	if s := runCommand([]string{"sleep", "1000"}, &bytes.Buffer{}, stop); s.Exit != 128+int(unix.SIGKILL) {
		t.Errorf("%+v", s)
	}
}

func TestDevices(t *testing.T) {
	dir := t.TempDir()
	for path, text := range map[string]string{
		"bus/pci/devices/0:1": "pci:one\n", "bus/pci/devices/0:2": "\n", "class/input/input0": "input:two\n", "devices/pci0/0:1": "pci:one\n",
	} {
		os.MkdirAll(filepath.Join(dir, path), 0o755)
		os.WriteFile(filepath.Join(dir, path, "modalias"), []byte(text), 0o644)
	}
	if got := devices(dir); !slices.Equal(got, []string{"pci:one", "input:two"}) {
		t.Errorf("%q", got)
	}
}

func TestPowerButton(t *testing.T) {
	event := func(kind, code, value byte) []byte {
		return append(make([]byte, 16), kind, 0, code, 0, value, 0, 0, 0)
	}
	for _, c := range []struct {
		name string
		in   [][]byte
		want bool
	}{
		{"pressed", [][]byte{event(1, 116, 1), event(0, 0, 0)}, true},
		{"released, then pressed", [][]byte{event(1, 116, 0), event(0, 0, 0), event(1, 116, 1)}, true},
		{"another key", [][]byte{event(1, 30, 1), event(1, 115, 1)}, false},
		{"another kind", [][]byte{event(2, 116, 1)}, false},
		{"half an event", [][]byte{event(1, 116, 1)[:23]}, false},
		{"nothing", nil, false},
	} {
		if got := waitForButton(bytes.NewReader(slices.Concat(c.in...))); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestParseNet(t *testing.T) {
	for _, c := range []struct {
		words, address, gateway string
		bad                     bool
	}{
		{"10.1.0.2/24", "10.1.0.2/24", "invalid IP", false},
		{"10.1.0.2/24,10.1.0.1", "10.1.0.2/24", "10.1.0.1", false},
		{"10.1.0.2", "", "", true},
		{"10.1.0.2/24,", "", "", true},
		{"dhcp", "", "", true},
	} {
		a, g, err := parseNet(c.words)
		if (err != nil) != c.bad || !c.bad && (a.String() != c.address || g.String() != c.gateway) {
			t.Errorf("%s: %v %v %v", c.words, a, g, err)
		}
	}
}

func TestBannerTellsHowToAttach(t *testing.T) {
	for _, c := range []struct {
		at     place
		guests []string
		want   string
	}{
		{inRoot, []string{"one", "two"}, "2 guests run: one, two. Attach to a console: hvctl console one  (Ctrl-] leaves it)\n"},
		{inRoot, []string{"one"}, "A guest runs: one. Attach to its console: hvctl console one  (Ctrl-] leaves it)\n"},
		{inRoot, nil, "This is the root partition of Perdure.\n"},
		{inGuest, nil, "a guest partition of Perdure.\n"},
		{onBare, nil, "Perdure is not below this system.\n"},
	} {
		if got := banner(c.at, c.guests); !strings.Contains(got, c.want) {
			t.Errorf("%d %q: %s", c.at, c.guests, got)
		}
	}
}
