package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"

	"github.com/u-root/u-root/pkg/cpio"

	"perdure/cmd/hvrun/depot"
	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
	"perdure/test/bench/stamp"
	"perdure/test/probe"
)

// Guests are measured on a machine with room for several, and the bare machine
// has the memory that one guest has.
var (
	roomy = emu.Config{Kind: emu.Bochs, CPUs: 1, Memory: 1024, CPUModel: model}
	alone = emu.Config{Kind: emu.Bochs, CPUs: 1, Memory: 256, CPUModel: model}
)

const (
	roomyMachine = "Bochs 3.0, " + model + ", 1 processor, 1024 MiB, guests of 128 and 256 MiB"
	aloneMachine = "Bochs 3.0, " + model + ", 1 processor, 256 MiB"
	kvmGuests    = kvm + "; devices in user space, in the guest's thread"
	diskBytes    = 1 << 20
)

// guestFiles are what guests are made of, on whatever machine.
type guestFiles struct{ bzImage, kernel, initrd, turns string }

// guests builds the files of guests.
func (b *bench) guests() (f guestFiles, err error) {
	source, err := depot.Kernel("cloud")
	if err != nil {
		return f, err
	}
	packed, err := os.ReadFile(source)
	if err != nil {
		return f, err
	}
	unpacked, err := stamp.Unpack(packed)
	if err != nil {
		return f, err
	}
	f = guestFiles{filepath.Join(b.work, "stamped.bzimage"), filepath.Join(b.work, "stamped.elf"), "", ""}
	for _, k := range []struct {
		file  string
		bytes []byte
		stamp func([]byte) ([]byte, error)
	}{{f.bzImage, packed, stamp.BzImage}, {f.kernel, unpacked, stamp.ELF}} {
		text, err := k.stamp(k.bytes)
		if err != nil {
			return f, err
		}
		if err := os.WriteFile(k.file, text, 0o644); err != nil {
			return f, err
		}
	}
	if f.turns, err = probe.BuildTurns(b.work); err != nil {
		return f, err
	}
	before, err := os.ReadFile(filepath.Join(filepath.Dir(b.image), "guest.cpio"))
	if err != nil {
		return f, err
	}
	inside, err := b.program("test/bench/inside")
	if err != nil {
		return f, err
	}
	f.initrd, err = b.archive("inside.cpio", before, []cpio.Record{cpio.StaticFile("inside", string(inside), 0o755)})
	return f, err
}

// guestBare boots the guests' kernel on the bare machine.
func guestBare(ctx context.Context, b *bench) error {
	f, err := b.guests()
	if err != nil {
		return err
	}
	r, err := rig.Boot(rig.Options{Config: alone, Bare: true, Kernel: f.bzImage, Initrd: f.initrd,
		KernelWords: announced + " quiet mitigations=off cryptomgr.notests GODEBUG=asyncpreemptoff=1 rdinit=/inside role=boot"}, b.echo...)
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err := r.Expect(ctx, regexp.MustCompile(`RESULT end boot`)); err != nil {
		return probe.Describe(r, err)
	}
	all, err := said(r.Text())
	b.figures(all, ".bare", aloneMachine, "the same kernel and initramfs, started by GRUB")
	return err
}

// guestKVM has KVM run guests.
func guestKVM(ctx context.Context, b *bench) error {
	f, err := b.guests()
	if err != nil {
		return err
	}
	initrd, err := b.peer(map[string]string{"vmlinux": f.kernel, "guest.cpio": f.initrd, "turns.elf": f.turns})
	if err != nil {
		return err
	}
	c := roomy
	c.MWAIT = true // KVM refuses a processor that cannot intercept it
	r, err := rig.Boot(rig.Options{Config: c, Bare: true, Kernel: "cloud", Initrd: initrd, KernelWords: announced + " mitigations=off quiet"}, b.echo...)
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err := r.Expect(ctx, regexp.MustCompile(`PEER (done|failed)`)); err != nil {
		return probe.Describe(r, err)
	}
	all, err := said(r.Text())
	if err != nil {
		return err
	}
	t := turns(r.Text())
	if all["vp.switch"] = switches(t["a"], t["b"]); all["vp.switch"] == 0 {
		return probe.Describe(r, errors.New("the guests did not take turns"))
	}
	b.figures(all, ".kvm", roomyMachine, kvmGuests)
	return nil
}
