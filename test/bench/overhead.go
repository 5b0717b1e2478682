package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
	"perdure/test/probe"
)

// readOnly are the probe's exits that change no word of kept state but the guest's
// registers, and writing are others that do.
var (
	readOnly = []string{"exit.cpuid", "exit.rdmsr", "exit.tpr_read", "exit.hypercall"}
	writing  = []string{"exit.out", "exit.ept_mmio", "exit.ept_mmio_write", "exit.deadline", "exit.eoi", "irq.inject", "irq.timer", "hlt.wakeup"}
)

// A work is what a Debian guest does, and root beside it.
type work struct {
	guest string   // of test/system/guests
	in    string   // where it is run
	does  []string // longer than it is looked at
}

// The three kinds of work are those of the experiments with NiLiHype: one that keeps
// the kernel and the processor busy, one with the network, and one with a disk.
var works = []work{
	{"churn", "churn", strings.Fields("churn -for 13s")},
	{"net", "root,net", strings.Fields("pulse -for 13s -gap 2ms 10.1.0.1 10.1.0.21")},
	{"block", "block", strings.Fields("witness -for 13s -spin 0 -tick 100ms -kib 1024 -pause 10ms -dev /dev/vdb")},
}

// overhead measures what it costs that an exit is a transaction: the probe's round
// trips, and the same under an image whose handlers change kept state at once; and for
// three kinds of work how often each is made.
func overhead(ctx context.Context, b *bench) error {
	direct := filepath.Join(b.work, "direct.img")
	build := exec.CommandContext(ctx, "go", "run", "./cmd/hvimage", "build", "-o", direct, "-tags", "metal,direct", "-id", "direct")
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, text)
	}
	if err := b.overheadOfExits(ctx, direct); err != nil {
		return err
	}
	all, err := b.working(ctx)
	if err != nil {
		return err
	}
	most := 0.0
	for i, w := range works {
		with, without := b.costs(all[i], ""), b.costs(all[i], ".direct")
		b.add(Entry{"recover.exit." + w.guest, with, "instructions", all[i].exits, "a round trip of the mean exit; " + roomyMachine, ""})
		b.add(Entry{"recover.overhead." + w.guest, with / without, "ratio", all[i].exits, roomyMachine, ""})
		most = max(most, with/without)
	}
	b.add(Entry{"recover.overhead", most, "ratio", len(works), "the worst of three kinds of work; " + roomyMachine, ""})
	return nil
}

// overheadOfExits compares round trips of single kinds of exits.
func (b *bench) overheadOfExits(ctx context.Context, direct string) error {
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
	for name, exits := range map[string][]string{"recover.overhead.read": readOnly, "recover.overhead.write": writing} {
		most := 0.0
		for _, e := range exits {
			with, _ := b.value(e)
			without, ok := b.value(e + ".direct")
			if !ok || without == 0 {
				return fmt.Errorf("%s was not measured without the log", e)
			}
			most = max(most, with/without)
		}
		b.add(Entry{name, most, "ratio", len(exits), "the round trip that it costs most; " + machine, ""})
	}
	return nil
}

// worked is what exits there were while there was work.
type worked struct {
	reasons  map[string]uint64
	injected uint64 // interrupts given to guests
	exits    int    // of reasons that the probe has
}

// probed says which of the probe's round trips stands for an exit reason. Most writes of
// MSRs are those that end an interrupt, one for each that was given, and those that set
// a timer.
var probed = map[string]string{
	"cpuid": "exit.cpuid", "rdmsr": "exit.rdmsr", "io": "exit.out", "vmcall": "exit.hypercall", "ept-violation": "exit.ept_mmio_write", "wrmsr": "exit.deadline",
}

// costs is what a mean exit costs under the image whose figures have that suffix.
func (b *bench) costs(w worked, suffix string) float64 {
	cost := func(name string) float64 { v, _ := b.value(name + suffix); return v }
	// Given: sent, given and ended, less the exits of both writes.
	sum := float64(w.injected) * (cost("irq.inject") - cost("exit.deadline") - cost("exit.eoi"))
	for reason, name := range probed {
		n := float64(w.reasons[reason])
		if reason == "wrmsr" {
			ends := min(n, float64(w.injected))
			sum, n = sum+ends*cost("exit.eoi"), n-ends
		}
		sum += n * cost(name)
	}
	return sum / float64(w.exits)
}

// working has guests work, one after the other, and counts everybody's exits.
func (b *bench) working(ctx context.Context) (all []worked, err error) {
	l := &lab{ctx: ctx, b: b}
	l.r, err = rig.Boot(rig.Options{
		Config: roomy, Image: b.image, Words: "root_mem=320M standby=off", Kernel: "cloud", Initrd: filepath.Join(filepath.Dir(b.image), "guests-cloud.cpio"),
		KernelWords: "cryptomgr.notests highres=off mitigations=off hvskip=ata_piix,sd_mod hvnet=10.1.0.1/24", Commands: true,
	}, b.echo...)
	if err != nil {
		return nil, err
	}
	defer l.r.Close()
	if l.root, err = emu.WaitForRoot(ctx, l.r.Console); err != nil {
		return nil, probe.Describe(l.r, err)
	}
	if _, err := l.run("dd", "if=/dev/zero", "of=/tmp/block.img", "bs=1048576", "count=8"); err != nil {
		return nil, err
	}
	for _, w := range works {
		one, err := l.works(w)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.guest, err)
		}
		all = append(all, one)
	}
	return all, nil
}

// top is what "hvctl top --json" has counted since the beginning.
type top struct {
	VPs []struct {
		Exits    map[string]uint64
		Injected uint64 `json:"interrupts_injected"`
	}
}

// works makes a guest, has it work, and takes it apart.
func (l *lab) works(w work) (one worked, err error) {
	if _, err := l.run("hvctl", "create", "--start", "/guests/"+w.guest+".toml"); err != nil {
		return one, err
	}
	if _, err := l.run("hvtest", "in", w.guest, "hostname"); err != nil { // it is up
		return one, err
	}
	const look = "hvctl top --json --interval 100ms"
	said, err := l.run(append([]string{"hvtest", "in", "-after", "3s", "-meanwhile", look + ";hvctl top --once --interval 6s;" + look, w.in, "hvtest"}, w.does...)...)
	if err != nil {
		return one, err
	}
	var text strings.Builder
	for line := range strings.Lines(said) {
		if what, ok := strings.CutPrefix(line, "meanwhile: "); ok {
			text.WriteString(what)
		}
	}
	var first, last top
	for i, t := range []*top{&first, &last} {
		at := []int{strings.Index(text.String(), "{\n"), strings.LastIndex(text.String(), "\n{\n")}[i]
		if at < 0 {
			return one, fmt.Errorf("nothing was counted: %s", said)
		}
		if err := json.NewDecoder(strings.NewReader(text.String()[at:])).Decode(t); err != nil {
			return one, fmt.Errorf("%w: %s", err, said)
		}
	}
	one.reasons = map[string]uint64{}
	for i := range min(len(first.VPs), len(last.VPs)) {
		for reason, n := range last.VPs[i].Exits {
			one.reasons[reason] += n - first.VPs[i].Exits[reason]
		}
		one.injected += last.VPs[i].Injected - first.VPs[i].Injected
	}
	for reason, n := range one.reasons {
		if probed[reason] != "" {
			one.exits += int(n)
		}
	}
	_, err = l.run("hvctl", "destroy", w.guest)
	return one, err
}
