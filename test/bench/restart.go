package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"strconv"

	"perdure/cmd/hvrun/rig"
	"perdure/test/probe"
)

// figureLine is a line of a small root of test/guest: a figure, which of its name, and what.
var figureLine = regexp.MustCompile(`FIGURE (\w+) (\d+) (\d+)`)

var restartsOver = regexp.MustCompile(`RESULT: over`)

// restarted is what a small root says of a hot restart or a recovery, by name and number.
type restarted map[string]map[int]float64

// restart has a small root on so many processors replace the hypervisor by an
// image, and returns what it felt. The root spins on two of its processors at most.
func (b *bench) restart(ctx context.Context, cpus, memory int, img string) (restarted, error) {
	c := config
	c.CPUs, c.Memory = cpus, memory
	all, err := b.small(ctx, rig.Options{
		Config: c, Image: b.image, Kernel: filepath.Join(filepath.Dir(b.image), "guest", "restart.elf"), Initrd: img, KernelWords: "flags=1 both=1",
	})
	if err == nil && all["generation"][0] != 1 {
		err = fmt.Errorf("the restart did not come about on %d processors", cpus)
	}
	return all, err
}

// small boots a small root and returns the figures that it says, the last of each
// name and number.
func (b *bench) small(ctx context.Context, o rig.Options) (restarted, error) {
	r, err := rig.Boot(o, b.echo...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if _, err := r.Expect(ctx, restartsOver); err != nil {
		return nil, probe.Describe(r, err)
	}
	all := restarted{}
	for _, m := range figureLine.FindAllStringSubmatch(r.Text(), -1) {
		which, _ := strconv.Atoi(m[2])
		v, _ := strconv.ParseFloat(m[3], 64)
		if all[m[1]] == nil {
			all[m[1]] = map[int]float64{}
		}
		all[m[1]][which] = v
	}
	return all, nil
}

// most is the greatest of a figure.
func (r restarted) most(name string) (v float64) {
	for _, w := range r[name] {
		v = max(v, w)
	}
	return v
}

// restarts measures hot restarts: of the same build, so with the same layout of
// records, on 1, 2 and 4 processors, and with 64 GiB of memory; and of one with others.
func restarts(ctx context.Context, b *bench) error {
	for _, n := range []int{1, 2, 4} {
		r, err := b.restart(ctx, n, config.Memory, b.image)
		if err != nil {
			return err
		}
		on := fmt.Sprintf("Bochs 3.0, %s, processors: %d, %d MiB, a busy root", model, n, config.Memory)
		b.add(Entry{"restart.blackout.same_layout" + suffix(n), r.most("stand"), "instructions", n, on, ""})
		if n > 1 {
			continue
		}
		b.add(Entry{"restart.blackout.vmx_ops", r.most("vmxops"), "VMX instructions", n, on, ""})
		b.add(Entry{"restart.gap.max", r.most("gap"), "instructions", n, on, ""})
		b.add(Entry{"restart.total", r.most("total"), "instructions", n, on, ""})
	}
	next := filepath.Join(filepath.Dir(b.image), "perdure-next.img")
	other, err := b.restart(ctx, 1, config.Memory, next)
	if err != nil {
		return err
	}
	const changed = "to a build with other records of VPs; root's VP and the candidate's are converted"
	b.add(Entry{"restart.blackout.changed", other.most("stand"), "instructions", 1, changed, ""})
	b.add(Entry{"restart.residue", other.most("residue"), "bytes", 1, changed, ""})
	if v := other["phase"][handing]; v > 0 {
		b.add(Entry{"restart.mirror.share", math.Round(other.most("mirrored")/v*1e4) / 1e4, "of a processor, until the handoff", 1, changed, ""})
	}
	const huge = 64 << 10
	r, err := b.restart(ctx, 1, huge, b.image)
	if err != nil {
		return err
	}
	b.add(Entry{"restart.blackout.huge", r.most("stand"), "instructions", 1, "a root with 64 GiB, of which it touches little", ""})
	b.ratio("restart.blackout.slope_memory", "restart.blackout.huge", "restart.blackout.same_layout", "64 GiB of memory against 512 MiB")
	return nil
}

// handing is the phase of a restart that begins when processors are called to meet.
const handing = 7
