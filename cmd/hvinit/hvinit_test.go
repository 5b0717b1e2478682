package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
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
	for _, name := range []string{"pci0/0:1", "pci0/0:2/sub", "empty"} {
		os.MkdirAll(filepath.Join(dir, name), 0o755)
		text := name + "\n"
		if name == "empty" {
			text = "\n"
		}
		os.WriteFile(filepath.Join(dir, name, "modalias"), []byte(text), 0o644)
	}
	if got := devices(dir); !slices.Equal(got, []string{"pci0/0:1", "pci0/0:2/sub"}) {
		t.Errorf("%q", got)
	}
}
