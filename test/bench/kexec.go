package main

import (
	"context"
	"errors"
	"os"
	"regexp"

	"github.com/u-root/u-root/pkg/cpio"

	"perdure/cmd/hvrun/depot"
	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
	"perdure/test/probe"
)

// kexecMachine has room for two kernels.
var kexecMachine = emu.Config{Kind: emu.Bochs, CPUs: 1, Memory: 512, CPUModel: model}

// kexec measures the quickest way to change the kernel of a machine whose guests
// need not live on: from the call that leaves Debian's kernel to the first process of
// the next one.
func kexec(ctx context.Context, b *bench) error {
	inside, err := b.program("test/bench/inside")
	if err != nil {
		return err
	}
	file, err := depot.Kernel("cloud")
	if err != nil {
		return err
	}
	kernel, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	first := cpio.StaticFile("inside", string(inside), 0o755)
	second, err := together([]cpio.Record{first})
	if err != nil {
		return err
	}
	initrd, err := b.archive("kexec.cpio", nil, []cpio.Record{first, cpio.StaticFile("vmlinuz", string(kernel), 0o644), cpio.StaticFile("second.cpio", string(second), 0o644)})
	if err != nil {
		return err
	}
	r, err := rig.Boot(rig.Options{Config: kexecMachine, Bare: true, Kernel: "cloud", Initrd: initrd,
		KernelWords: announced + " quiet mitigations=off cryptomgr.notests GODEBUG=asyncpreemptoff=1 rdinit=/inside role=kexec"}, b.echo...)
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err := r.Expect(ctx, regexp.MustCompile(`RESULT (end kexec|failed)`)); err != nil {
		return probe.Describe(r, err)
	}
	all, err := said(r.Text())
	if err != nil {
		return err
	}
	if all["kexec.left"] == 0 || all["kexec.came"] <= all["kexec.left"] {
		return errors.New("the next kernel did not come")
	}
	b.add(Entry{"restart.kexec", all["kexec.came"] - all["kexec.left"], "instructions", 1, "Bochs 3.0, " + model + ", 1 processor, 512 MiB", "Debian's kernel by kexec_file_load, with the same kernel, loaded before"})
	return nil
}
