package main

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"

	"perdure/cmd/hvrun/depot"
	"perdure/cmd/hvrun/rig"
	"perdure/test/probe"
)

// announced is the frequency that the emulator's time-stamp counter has, for a
// Linux that would believe its CPUID, which says 3.5 GHz. Under Perdure Linux is
// told the truth, so that on the bare machine its clock must be as fast.
const announced = "tsc_early_khz=50000"

var (
	handed   = regexp.MustCompile(`@([0-9a-f]{16})`)
	initTSC  = regexp.MustCompile(`RESULT init\.tsc (\d+)\s`)
	cpuBurn  = regexp.MustCompile(`RESULT cpu\.burn (\d+)\s`)
	infoLine = regexp.MustCompile(`INFO (\w+) (\{.*\})\r?\n`)
	markEnd  = regexp.MustCompile(`RESULT end`)
)

// info is what of "hvctl info --json" makes figures.
type info struct {
	Boot    uint64 `json:"boot_tsc"`
	Mallocs uint64 `json:"mallocs"`
	Memory  struct {
		HomeUsed uint64 `json:"home_used"`
	} `json:"memory"`
}

// marks are what one start of root tells.
type marks struct {
	boot, burn uint64
	infos      map[string]info
}

func rootBare(ctx context.Context, b *bench) error {
	m, err := b.start(ctx, rig.Options{Bare: true, KernelWords: announced})
	if err != nil {
		return err
	}
	b.add(Entry{"root.boot.bare", float64(m.boot), "instructions", 1, machine, "the same kernel and initramfs, started by GRUB"})
	b.add(Entry{"root.cpu.bare", float64(m.burn), "instructions", 1, machine, "the same program on the bare machine"})
	return nil
}

func rootPerdure(ctx context.Context, b *bench) error {
	m, err := b.start(ctx, rig.Options{Image: b.image})
	if err != nil {
		return err
	}
	b.add(Entry{"root.boot", float64(m.boot), "instructions", 1, machine, ""})
	b.add(Entry{"root.cpu", float64(m.burn), "instructions", 1, machine, ""})
	b.ratio("root.boot.ratio", "root.boot", "root.boot.bare", machine)
	b.ratio("root.cpu.ratio", "root.cpu", "root.cpu.bare", machine)
	before, between, after := m.infos["before"], m.infos["between"], m.infos["after"]
	if len(m.infos) < 3 {
		return errors.New("hvctl did not answer three times in root")
	}
	b.add(Entry{"boot.instructions", float64(after.Boot), "instructions", 1, machine, ""})
	b.add(Entry{"home.bytes", float64(after.Memory.HomeUsed), "bytes", 1, machine, ""})
	// What hvctl's own calls allocate is known from the pair without work between.
	quiet := float64(between.Mallocs - before.Mallocs)
	b.add(Entry{"exit.allocs", float64(after.Mallocs-between.Mallocs) - quiet, "allocations in the work of root.cpu", 1, machine, ""})
	return nil
}

// start boots root twice: once with a kernel that tells when it got control,
// once with the real one.
func (b *bench) start(ctx context.Context, o rig.Options) (marks, error) {
	m := marks{infos: map[string]info{}}
	kernel, err := depot.Kernel("cloud")
	if err != nil {
		return m, err
	}
	o.Config = config
	if o.Initrd, err = b.marked(); err != nil {
		return m, err
	}
	o.KernelWords += " mitigations=off rdinit=/mark"
	if o.Kernel, err = probe.Handoff(b.work, kernel); err != nil {
		return m, err
	}
	began, err := b.first(ctx, o)
	if err != nil {
		return m, err
	}
	o.Kernel = kernel
	r, err := rig.Boot(o, b.echo...)
	if err != nil {
		return m, err
	}
	defer r.Close()
	got, err := r.Expect(ctx, initTSC)
	if err != nil {
		return m, probe.Describe(r, err)
	}
	at, _ := strconv.ParseUint(got[1], 10, 64)
	m.boot = at - began
	if got, err = r.Expect(ctx, cpuBurn); err != nil {
		return m, probe.Describe(r, err)
	}
	m.burn, _ = strconv.ParseUint(got[1], 10, 64)
	if _, err = r.Expect(ctx, markEnd); err != nil {
		return m, probe.Describe(r, err)
	}
	for _, line := range infoLine.FindAllStringSubmatch(r.Text(), -1) {
		var i info
		if json.Unmarshal([]byte(line[2]), &i) == nil {
			m.infos[line[1]] = i
		}
	}
	return m, nil
}

// first returns the time-stamp counter at the kernel's first instruction.
func (b *bench) first(ctx context.Context, o rig.Options) (uint64, error) {
	r, err := rig.Boot(o, b.echo...)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	got, err := r.Expect(ctx, handed)
	if err != nil {
		return 0, probe.Describe(r, err)
	}
	return strconv.ParseUint(got[1], 16, 64)
}
