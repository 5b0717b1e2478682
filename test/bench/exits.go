package main

import (
	"context"
	"regexp"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
	"perdure/test/probe"
)

// model is the processor that everything is measured on.
const (
	model   = "corei7_skylake_x"
	machine = "Bochs 3.0, " + model + ", 1 processor, 512 MiB"
)

var config = emu.Config{Kind: emu.Bochs, CPUs: 1, Memory: 512, CPUModel: model}

// kvm is the peer's name in a figure.
const kvm = "KVM of Debian's 6.1 cloud kernel, in-kernel interrupt controllers, APICv off"

// wanted are the probe's results that are figures of ours, by the probe's names.
var wanted = map[string]bool{
	"exit.cpuid": true, "exit.rdmsr": true, "exit.out": true, "exit.hypercall": true, "exit.ept_mmio": true,
	"exit.ept_mmio_write": true, "exit.deadline": true, "exit.eoi": true, "exit.tpr_read": true,
	"irq.inject": true, "irq.timer": true, "hlt.wakeup": true, "loop": true,
}

// read takes the probe's results from a machine's console, to the end of one run.
func (b *bench) read(ctx context.Context, r *rig.Run, suffix, peer string) error {
	all, err := probe.Read(ctx, r)
	for _, a := range all {
		if wanted[a.Name] {
			b.add(Entry{a.Name + suffix, a.Value, "instructions", a.Samples, machine, peer})
		}
	}
	return err
}

func probePerdure(ctx context.Context, b *bench) error {
	guest, err := probe.Build(b.work)
	if err != nil {
		return err
	}
	r, err := rig.Boot(rig.Options{Config: config, Image: b.image, Kernel: guest}, b.echo...)
	if err != nil {
		return err
	}
	defer r.Close()
	return b.read(ctx, r, "", "")
}

func probeKVM(ctx context.Context, b *bench) error {
	initrd, err := b.peer(nil)
	if err != nil {
		return err
	}
	c := config
	c.MWAIT = true // KVM refuses a processor that cannot intercept it
	r, err := rig.Boot(rig.Options{Config: c, Bare: true, Kernel: "cloud", Initrd: initrd, KernelWords: "mitigations=off quiet"}, b.echo...)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, set := range []struct{ says, suffix, peer string }{
		{"PEER kvm\r", ".kvm", kvm},
		{"PEER kvm-exact\r", ".kvm_exact", kvm + ", timers not set early"},
	} {
		if _, err := r.Expect(ctx, regexp.MustCompile(set.says)); err != nil {
			return probe.Describe(r, err)
		}
		if err := b.read(ctx, r, set.suffix, set.peer); err != nil {
			return err
		}
	}
	return nil
}
