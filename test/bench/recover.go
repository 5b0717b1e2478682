package main

import (
	"context"
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
	Mended uint64   `json:"ticks_to_repaired"`
	First  uint64   `json:"ticks_to_first"`
	Back   []uint64 `json:"ticks_to_each"`
}

// faulty is the image that can make faults of its own.
func (b *bench) faulty() string { return filepath.Join(filepath.Dir(b.image), "perdure-inject.img") }

// recoveries boots root on so many processors with an image that can make faults,
// has one kind of them made, and returns what is remembered.
func (b *bench) recoveries(ctx context.Context, cpus, memory int, kind string, count int) ([]recovered, error) {
	c := config
	c.CPUs, c.Memory = cpus, memory
	l := &lab{ctx: ctx, b: b}
	var err error
	l.r, err = rig.Boot(rig.Options{
		Config: c, Image: b.faulty(), Kernel: "cloud", Initrd: rig.Initrd(filepath.Dir(b.image), "cloud"), Commands: true, Words: watching,
	}, b.echo...)
	if err != nil {
		return nil, err
	}
	defer l.r.Close()
	if l.root, err = emu.WaitForRoot(ctx, l.r.Console); err != nil {
		return nil, err
	}
	return l.recoveries(kind, count)
}

// watching is the time after which a processor counts as hung, in milliseconds.
const watching = "watchdog=10"

// recoveries has faults of one kind made, and returns what is remembered.
func (l *lab) recoveries(kind string, count int) (list []recovered, err error) {
	if _, err = l.run("hvctl", "inject", "--kind", kind, "--count", fmt.Sprint(count), "--within", "300", "--check", fmt.Sprint(count)); err == nil {
		err = l.answer(&list, "hvctl", "resets", "--json")
	}
	return list[max(0, len(list)-count):], err
}

// recoverings measures microresets: from noticing a failure until the first VP of
// all, and until the last processor, goes on.
func recoverings(ctx context.Context, b *bench) error {
	for _, n := range []int{1, 2, 4} {
		list, err := b.recoveries(ctx, n, config.Memory, "fail", faults)
		if err != nil {
			return err
		}
		on := fmt.Sprintf("Bochs 3.0, %s, processors: %d, %d MiB, an idle root", model, n, config.Memory)
		if err := b.recovery("recover.microreset", suffix(n), n, on, list); err != nil {
			return err
		}
	}
	list, err := b.recoveries(ctx, 2, config.Memory, "hang", faults/2)
	if err != nil {
		return err
	}
	most := uint64(0)
	for _, r := range list {
		most = max(most, r.Detect)
	}
	b.add(Entry{"recover.detect.hang", float64(most), "instructions", len(list), "from the fault until it is noticed, the longest, with " + watching, ""})
	return nil
}

// faults are so many as are made for one figure, their middle one.
const faults = 12

// recoveringsBeside measures microresets beside a small and a large guest, and beside
// 1, 4 and 8 guests.
func recoveringsBeside(ctx context.Context, b *bench) error {
	initrd, err := b.busyRoot()
	if err != nil {
		return err
	}
	l, err := b.busyLab(ctx, 1, b.faulty(), initrd, watching)
	if err != nil {
		return err
	}
	defer l.r.Close()
	note := func(name string) error {
		list, err := l.recoveries("fail", faults)
		if err != nil {
			return err
		}
		return b.recovery("recover.microreset", "."+name, 1, wideMachine(1), list)
	}
	for _, g := range sizes {
		if err := l.begin(g); err != nil {
			return err
		}
		if err := note(g.name); err != nil {
			return err
		}
		if err := l.end(g.name); err != nil {
			return err
		}
	}
	b.ratio("recover.slope_memory", "recover.microreset.repaired.m1024", "recover.microreset.repaired.m256", wideMachine(1))
	for i, g := range crowd {
		if err := l.begin(g); err != nil {
			return err
		}
		switch i + 1 {
		case 1, 4, 8:
			if err := note(fmt.Sprintf("guests%d", i+1)); err != nil {
				return err
			}
		}
	}
	return nil
}

// unwinding measures rung 0: how much longer a CPUID takes that meets a nil pointer in
// its handler than one that does not, and with the line about it that goes to the
// console meanwhile; the middle one of eight.
func unwinding(ctx context.Context, b *bench) error {
	const times = 8
	words := "inject="
	for i := range times {
		words += fmt.Sprintf("nil:cpuid:%d,", 100+100*i)
	}
	r, err := b.small(ctx, rig.Options{
		Config: config, Image: b.faulty(), Kernel: filepath.Join(filepath.Dir(b.image), "guest", "unwind.elf"), Words: strings.TrimSuffix(words, ","),
	})
	if err != nil {
		return err
	}
	b.add(Entry{"recover.unwind", r["longest"][times/2] - r["least"][0], "instructions", times, machine, ""})
	return nil
}

// rebooting measures rung 2: from noticing a failure that no reset makes good until
// the first VP, and the last processor, goes on in the other home; and what a root
// sees that looks at the clock.
func rebooting(ctx context.Context, b *bench) error {
	for _, n := range []int{1, 2} {
		c := config
		c.CPUs = n
		r, err := b.small(ctx, rig.Options{
			Config: c, Image: b.faulty(), Kernel: filepath.Join(filepath.Dir(b.image), "guest", "standby.elf"), Initrd: b.faulty(),
			Words: "standby=on", KernelWords: "do=11 both=1",
		})
		if err != nil {
			return err
		}
		const reboot = 2 // abi.RungReboot
		if r["rung"][0] != reboot {
			return fmt.Errorf("the microreboot on %d processors became rung %v", n, r["rung"][0])
		}
		first := r.most("back")
		for _, v := range r["back"] {
			if v > 0 {
				first = min(first, v)
			}
		}
		on := fmt.Sprintf("Bochs 3.0, %s, processors: %d, %d MiB, a busy root", model, n, c.Memory)
		b.add(Entry{"recover.microreboot" + suffix(n), first, "instructions", 1, on, ""})
		b.add(Entry{"recover.microreboot.last" + suffix(n), r.most("back"), "instructions", 1, on, ""})
		b.add(Entry{"recover.microreboot.gap" + suffix(n), r.most("gap"), "instructions", 1, on, ""})
	}
	return nil
}

// recovery notes the middle one of recoveries: until all is repaired, until the first virtual
// processor goes on, which begins with the exit that was dropped, and until the last one does.
func (b *bench) recovery(name, suffix string, cpus int, on string, list []recovered) error {
	var first, last, repaired []uint64
	for _, r := range list {
		if r.Rung == "microreset" && r.Copied == 0 && len(r.Back) == cpus {
			first = append(first, r.First)
			repaired = append(repaired, r.Mended)
			last = append(last, slices.Max(r.Back))
		}
	}
	if len(first) == 0 {
		return fmt.Errorf("%s: no recovery on %d processors: %+v", name, cpus, list)
	}
	slices.Sort(first)
	slices.Sort(last)
	slices.Sort(repaired)
	b.add(Entry{name + suffix, float64(first[len(first)/2]), "instructions", len(first), on, ""})
	b.add(Entry{name + ".repaired" + suffix, float64(repaired[len(repaired)/2]), "instructions", len(repaired), on, ""})
	b.add(Entry{name + ".last" + suffix, float64(last[len(last)/2]), "instructions", len(last), on, ""})
	return nil
}
