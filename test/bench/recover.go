package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// recovered is what hvctl resets says of a recovery.
type recovered struct {
	Cause  string
	Rung   string
	Copied uint64   `json:"copied_pages"`
	Detect uint64   `json:"ticks_fault_to_notice"`
	First  uint64   `json:"ticks_to_first"`
	Back   []uint64 `json:"ticks_to_each"`
}

// recoveries boots root on so many processors with an image that can make faults,
// has one kind of them made, and returns what is remembered.
func (b *bench) recoveries(ctx context.Context, cpus, memory int, kind string, count int) (list []recovered, err error) {
	c := config
	c.CPUs, c.Memory = cpus, memory
	dir := filepath.Dir(b.image)
	r, err := rig.Boot(rig.Options{
		Config: c, Image: filepath.Join(dir, "perdure-inject.img"), Kernel: "cloud", Initrd: rig.Initrd(dir, "cloud"), Commands: true, Words: "watchdog=20",
	}, b.echo...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	root, err := emu.WaitForRoot(ctx, r.Console)
	if err != nil {
		return nil, err
	}
	for _, command := range []string{fmt.Sprintf("hvctl inject --kind %s --count %d --within 300 --check %d", kind, count, count), "hvctl resets --json"} {
		out, status, err := root.Run(ctx, strings.Fields(command)...)
		if err != nil || status != 0 {
			return nil, fmt.Errorf("%s: %v, status %d: %s", command, err, status, out)
		}
		if strings.HasSuffix(command, "--json") {
			err = json.Unmarshal(out, &list)
			return list, err
		}
	}
	return nil, nil
}

// recoverings measures microresets: from noticing a failure until the first VP of
// all, and until the last processor, goes on.
func recoverings(ctx context.Context, b *bench) error {
	for _, n := range []int{1, 2, 4} {
		list, err := b.recoveries(ctx, n, config.Memory, "fail", 12)
		if err != nil {
			return err
		}
		on := fmt.Sprintf("Bochs 3.0, %s, processors: %d, %d MiB, an idle root", model, n, config.Memory)
		if err := b.recovery("recover.microreset", n, on, list); err != nil {
			return err
		}
	}
	list, err := b.recoveries(ctx, 2, config.Memory, "hang", 6)
	if err != nil {
		return err
	}
	most := uint64(0)
	for _, r := range list {
		most = max(most, r.Detect)
	}
	b.add(Entry{"recover.detect.hang", float64(most), "instructions", 2, "from the fault until it is noticed, with watchdog=20", ""})
	const times = 4
	if list, err = b.recoveries(ctx, 1, times*config.Memory, "fail", 12); err != nil {
		return err
	}
	if err := b.recovery("recover.microreset.roomy", 1, "the same with four times the memory", list); err != nil {
		return err
	}
	b.ratio("recover.slope_memory", "recover.microreset.roomy", "recover.microreset", "four times the memory")
	return nil
}

// recovery notes the middle one of recoveries.
func (b *bench) recovery(name string, cpus int, on string, list []recovered) error {
	var first, last []uint64
	for _, r := range list {
		if r.Rung == "microreset" && r.Copied == 0 && len(r.Back) == cpus {
			first = append(first, r.First)
			last = append(last, slices.Max(r.Back))
		}
	}
	if len(first) == 0 {
		return fmt.Errorf("%s: no recovery on %d processors: %+v", name, cpus, list)
	}
	slices.Sort(first)
	slices.Sort(last)
	suffix := ""
	if cpus > 1 {
		suffix = fmt.Sprintf(".cpus%d", cpus)
	}
	b.add(Entry{name + suffix, float64(first[len(first)/2]), "instructions", cpus, on, ""})
	b.add(Entry{name + ".last" + suffix, float64(last[len(last)/2]), "instructions", cpus, on, ""})
	return nil
}
