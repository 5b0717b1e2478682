package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"testing"
	"time"

	"perdure/cmd/hvrun/emu"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		want func(s *settings) bool
		bad  bool
	}{
		{"nothing", nil, func(s *settings) bool {
			return !s.Commands && s.timeout == 0 && s.CPUs == 1 && s.Kernel == "cloud" && s.Initrd == "build/root-cloud.cpio"
		}, false},
		{"command", []string{"--cpus", "4", "--", "ls", "-l"}, func(s *settings) bool {
			return s.Commands && s.CPUs == 4 && s.timeout == 15*time.Minute && reflect.DeepEqual(s.command, []string{"ls", "-l"})
		}, false},
		{"command with a timeout", []string{"--timeout", "3s", "--kernel", "standard", "--", "true"}, func(s *settings) bool {
			return s.timeout == 3*time.Second && s.Initrd == "build/root-standard.cpio"
		}, false},
		{"own kernel", []string{"--kernel", "/k", "--bare"}, func(s *settings) bool { return s.Kernel == "/k" && s.Initrd == "" && s.Bare }, false},
		{"no initramfs", []string{"--initrd", "none"}, func(s *settings) bool { return s.Initrd == "" }, false},
		{"disks and nets", []string{"--disk", "a", "--disk", "b", "--net", "socket:4000", "--without", "x2apic,smap"}, func(s *settings) bool {
			return len(s.Disks) == 2 && s.Net == emu.Net{Mode: "socket", Port: 4000} && len(s.Without) == 2
		}, false},
		{"firmware", []string{"--firmware", "uefi"}, func(s *settings) bool { return s.UEFI }, false},
		{"pattern", []string{"--until", "a|b"}, func(s *settings) bool { return s.until.MatchString("b more\n") && !s.until.MatchString("b more") }, false},
		{"bad firmware", []string{"--firmware", "coreboot"}, nil, true},
		{"bad net", []string{"--net", "slirp:1"}, nil, true},
		{"bad pattern", []string{"--until", "("}, nil, true},
		{"unknown flag", []string{"--color"}, nil, true},
	} {
		s, err := quietly(c.args)
		switch {
		case (err != nil) != c.bad:
			t.Errorf("%s: %v", c.name, err)
		case !c.bad && !c.want(s):
			t.Errorf("%s: got %+v", c.name, s)
		}
	}
}

// quietly parses without the flag package's usage on standard error.
func quietly(args []string) (*settings, error) {
	saved := os.Stderr
	defer func() { os.Stderr = saved }()
	os.Stderr, _ = os.Open(os.DevNull)
	return parse(args)
}

func TestJudge(t *testing.T) {
	command := &settings{}
	command.Commands = true
	for _, c := range []struct {
		name    string
		s       *settings
		outcome emu.Outcome
		err     error
		want    int
	}{
		{"command ran", command, emu.Stopped, nil, 0},
		{"powered off by hand", &settings{}, emu.PoweredOff, emu.ErrEnded, 0},
		{"powered off too early", command, emu.PoweredOff, emu.ErrEnded, exitTooEarly},
		{"reboot", &settings{}, emu.Rebooted, emu.ErrEnded, exitRebooted},
		{"triple fault", &settings{}, emu.TripleFault, emu.ErrEnded, exitTripleFault},
		{"emulator", &settings{}, emu.Crashed, io.EOF, exitCrashed},
		{"hang", command, emu.TimedOut, context.DeadlineExceeded, exitTimedOut},
		{"no such command", command, emu.Stopped, fmt.Errorf("%w: no such file", emu.ErrNotStarted), exitNotStarted},
		{"interrupted", command, emu.Stopped, context.Canceled, 130},
		{"anything else", command, emu.Stopped, errors.New("no"), exitUsage},
	} {
		if got, err := c.s.judge(emu.Result{Outcome: c.outcome}, c.err); got != c.want || (err == nil) != (c.want == 0) {
			t.Errorf("%s: got %d %v, want %d", c.name, got, err, c.want)
		}
	}
}
