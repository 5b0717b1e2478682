package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"

	"perdure/cmd/hvrun/rig"
	"perdure/test/probe"
)

// readOnly are the probe's exits that change no word of kept state but the guest's
// registers, and writing are others that do.
var (
	readOnly = []string{"exit.cpuid", "exit.rdmsr", "exit.tpr_read", "exit.ept_mmio"}
	writing  = []string{"exit.out", "exit.hypercall", "exit.ept_mmio_write", "exit.deadline", "exit.eoi", "irq.inject", "irq.timer", "hlt.wakeup"}
)

// overhead measures what it costs that an exit is a transaction: the probe's round
// trips under an image whose handlers change kept state at once, and under ours.
func overhead(ctx context.Context, b *bench) error {
	direct := filepath.Join(b.work, "direct.img")
	build := exec.CommandContext(ctx, "go", "run", "./cmd/hvimage", "build", "-o", direct, "-tags", "metal,direct", "-id", "direct")
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, text)
	}
	if _, ok := b.value(readOnly[0]); !ok {
		if err := probePerdure(ctx, b); err != nil {
			return err
		}
	}
	guest, err := probe.Build(b.work)
	if err != nil {
		return err
	}
	r, err := rig.Boot(rig.Options{Config: config, Image: direct, Kernel: guest}, b.echo...)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := b.read(ctx, r, ".direct", ""); err != nil {
		return err
	}
	for name, exits := range map[string][]string{"recover.overhead.read": readOnly, "recover.overhead": writing} {
		most := 0.0
		for _, e := range exits {
			with, _ := b.value(e)
			without, ok := b.value(e + ".direct")
			if !ok || without == 0 {
				return fmt.Errorf("%s was not measured without the log", e)
			}
			most = max(most, with/without-1)
		}
		b.add(Entry{name, 100 * most, "percent", len(exits), "the exit that it costs most, beside an image that changes kept state at once", ""})
	}
	return nil
}
