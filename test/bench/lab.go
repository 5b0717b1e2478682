package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/u-root/u-root/pkg/cpio"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
	"perdure/test/probe"
)

// A lab is a machine with Perdure whose root makes guests.
type lab struct {
	ctx  context.Context
	b    *bench
	r    *rig.Run
	root *emu.Root
}

// folder is where root has what guests are made of.
const folder = "/bench/"

// toml is one guest's file, by what differs from one guest to the other.
func toml(memory, kernel, role, more string) string {
	linux := ""
	if role != "" {
		linux = "initrd = \"guest.cpio\"\ncmdline = \"console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests GODEBUG=asyncpreemptoff=1 rdinit=/inside role=" + role + "\"\n"
	}
	return "memory = \"" + memory + "\"\nkernel = \"" + kernel + "\"\n" + linux + more
}

// tomls are the guests; those of KVM's side are made in the same way.
var tomls = map[string]string{
	"read":    toml("256M", "vmlinux", "read", "[[net]]\n[[disk]]\nfile = \"disk\"\n[[disk]]\nram = \"1M\"\n"),
	"receive": toml("128M", "vmlinux", "receive", "[[net]]\n"),
	"send":    toml("128M", "vmlinux", "send", "[[net]]\n"),
	"turn-a":  toml("64M", "turns.elf", "", ""),
	"turn-b":  toml("64M", "turns.elf", "", ""),
	"turn-c":  toml("64M", "turns.elf", "", "weight = 200\n"),
	"wakeup":  toml("64M", "probe.elf", "", ""),
}

// guestRoot builds root's initramfs with all that the guests are made of.
func (b *bench) guestRoot() (string, error) {
	f, err := b.guests()
	if err != nil {
		return "", err
	}
	exits, err := probe.Build(b.work)
	if err != nil {
		return "", err
	}
	files := []cpio.Record{cpio.Directory(folder[1:], 0o755), cpio.StaticFile(folder[1:]+"disk", string(make([]byte, diskBytes)), 0o644)}
	for name, path := range map[string]string{"vmlinux": f.kernel, "guest.cpio": f.initrd, "turns.elf": f.turns, "probe.elf": exits} {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		files = append(files, cpio.StaticFile(folder[1:]+name, string(text), 0o644))
	}
	for name, text := range tomls {
		files = append(files, cpio.StaticFile(folder[1:]+name+".toml", text, 0o644))
	}
	root, err := os.ReadFile(rig.Initrd(filepath.Dir(b.image), "cloud"))
	if err != nil {
		return "", err
	}
	return b.packed("guests.cpio", root, files)
}

// run has root run a command, which must succeed.
func (l *lab) run(args ...string) (string, error) {
	out, status, err := l.root.Run(l.ctx, args...)
	if err == nil && status != 0 {
		err = fmt.Errorf("%s: status %d: %s", strings.Join(args, " "), status, out)
	}
	return string(out), err
}

// start makes guests and lets them run, one as soon after the other as can be.
func (l *lab) start(names ...string) error {
	for _, n := range names {
		if _, err := l.run("hvctl", "create", folder+n+".toml"); err != nil {
			return err
		}
	}
	for _, n := range names {
		if _, err := l.run("hvctl", "start", n); err != nil {
			return err
		}
	}
	return nil
}

// lastLine is what a guest says when it has done its work.
var lastLine = regexp.MustCompile(`RESULT end`)

// bootTime is, in seconds of the machine, what a Linux guest takes, and a bit more.
const bootTime = 36

// hear waits until a guest has done its work and returns what it said; it takes
// some seconds. Root sleeps meanwhile: what it does, it does on the processor of
// those that are measured.
func (l *lab) hear(name string, seconds int) (string, error) {
	for ; ; seconds = max(2, seconds/8) {
		if _, err := l.run("sleep", strconv.Itoa(seconds)); err != nil {
			return "", err
		}
		text, err := l.run("hvctl", "console", "--read", name)
		if err != nil || lastLine.MatchString(text) {
			return text, err
		}
	}
}

// end destroys guests.
func (l *lab) end(names ...string) error {
	for _, n := range names {
		if _, err := l.run("hvctl", "destroy", n); err != nil {
			return err
		}
	}
	return nil
}
