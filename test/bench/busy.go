package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/u-root/u-root/pkg/cpio"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
	"perdure/test/probe"
)

// A busy guest wants all of its processors, and little of what root wants. It is
// there for others to be measured beside it.
type busy struct {
	name, memory string
	vps          int
}

// crowd are guests with one VP each; quartet are such that there are 1, 2, 4 and 8
// VPs as one comes after the other; sizes differ in memory alone.
var (
	crowd   = []busy{{"c1", "4M", 1}, {"c2", "4M", 1}, {"c3", "4M", 1}, {"c4", "4M", 1}, {"c5", "4M", 1}, {"c6", "4M", 1}, {"c7", "4M", 1}, {"c8", "4M", 1}}
	quartet = []busy{{"q1", "4M", 1}, {"q2", "4M", 1}, {"q4", "4M", 2}, {"q8", "4M", 4}}
	sizes   = []busy{{"m256", "256M", 1}, {"m1024", "1024M", 1}}
)

func (g busy) file() string { return folder + g.name + ".toml" }

// busyRoot builds root's initramfs with busy guests, and images to restart with.
func (b *bench) busyRoot(images ...string) (string, error) {
	dir := filepath.Dir(b.image)
	files := []cpio.Record{cpio.Directory(folder[1:], 0o755)}
	for _, path := range append(images, filepath.Join(dir, "guest", "spin.elf")) {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		files = append(files, cpio.StaticFile(folder[1:]+filepath.Base(path), string(text), 0o644))
	}
	for _, g := range slices.Concat(crowd, quartet, sizes) {
		files = append(files, cpio.StaticFile(g.file()[1:], toml(g.memory, "spin.elf", "", fmt.Sprintf("vcpus = %d\nweight = 20\n", g.vps)), 0o644))
	}
	root, err := os.ReadFile(rig.Initrd(dir, "cloud"))
	if err != nil {
		return "", err
	}
	return b.packed("busy.cpio", root, files)
}

// wide is a machine with room for the largest of them.
func wide(cpus int) emu.Config {
	return emu.Config{Kind: emu.Bochs, CPUs: cpus, Memory: 2048, CPUModel: model}
}

func wideMachine(cpus int) string {
	return fmt.Sprintf("Bochs 3.0, %s, processors: %d, 2048 MiB, busy guests beside root", model, cpus)
}

// busyLab boots a root that can make busy guests.
func (b *bench) busyLab(ctx context.Context, cpus int, image, initrd, words string) (*lab, error) {
	l := &lab{ctx: ctx, b: b}
	var err error
	l.r, err = rig.Boot(rig.Options{
		Config: wide(cpus), Image: image, Words: strings.TrimSpace("root_mem=384M " + words), Kernel: "cloud", Initrd: initrd, Commands: true,
	}, b.echo...)
	if err != nil {
		return nil, err
	}
	if l.root, err = emu.WaitForRoot(ctx, l.r.Console); err != nil {
		err = probe.Describe(l.r, err)
		l.r.Close()
		return nil, err
	}
	return l, nil
}

// answer has root run a command that must succeed, and reads its JSON.
func (l *lab) answer(to any, args ...string) error {
	out, err := l.run(args...)
	if err == nil {
		if err = json.Unmarshal([]byte(out), to); err != nil {
			err = fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, out)
		}
	}
	return err
}

// begin makes a busy guest.
func (l *lab) begin(g busy) error {
	_, err := l.run("hvctl", "create", "--start", g.file())
	return err
}
