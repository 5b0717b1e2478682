package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
)

// felt is what "hvctl restart --json" makes figures of.
type felt struct {
	Phase, Reason string
	Same          bool   `json:"same_layout"`
	Residue       uint64 `json:"residue_bytes"`
	Predicted     uint64
	Blackout      uint64 `json:"blackout_ticks"`
	VMXOps        uint64 `json:"vmx_ops"`
	CPUs          []struct{ First uint64 }
}

// stand is how long the processor stood that stood longest.
func (f *felt) stand() float64 {
	most := uint64(0)
	for _, c := range f.CPUs {
		most = max(most, c.First)
	}
	return float64(most)
}

// restart replaces the hypervisor beside what runs.
func (l *lab) restart(image string, flags ...string) (f felt, err error) {
	err = l.answer(&f, append(append([]string{"hvctl", "restart", "--json"}, flags...), folder+image)...)
	if err == nil && f.Phase != "done" {
		err = fmt.Errorf("a restart with %s is %s: %s", image, f.Phase, f.Reason)
	}
	return f, err
}

// restartsBeside measures hot restarts on one processor, restartsOnTwo on two.
func restartsBeside(ctx context.Context, b *bench) error { return b.restartsOn(ctx, 1) }
func restartsOnTwo(ctx context.Context, b *bench) error  { return b.restartsOn(ctx, 2) }

// restartsOn measures hot restarts beside busy guests with 1, 2, 4 and 8 VPs, to the
// same build and to one with other records; and beside a small and a large guest.
func (b *bench) restartsOn(ctx context.Context, cpus int) error {
	nextImage := filepath.Join(filepath.Dir(b.image), "perdure-next.img")
	initrd, err := b.busyRoot(b.image, nextImage)
	if err != nil {
		return err
	}
	same, next := filepath.Base(b.image), filepath.Base(nextImage)
	l, err := b.busyLab(ctx, cpus, b.image, initrd, "")
	if err != nil {
		return err
	}
	defer l.r.Close()
	on, worst, vps := wideMachine(cpus), 0.0, 0
	if cpus == 1 {
		if err := l.restartsBySize(on, same); err != nil {
			return err
		}
	}
	for _, g := range quartet {
		if err := l.begin(g); err != nil {
			return err
		}
		vps += g.vps
		for _, to := range []struct{ name, image, flag string }{{"same_layout", same, "--force"}, {"changed", next, "--budget=1000000"}, {"", same, "--budget=1000000"}} {
			f, err := l.restart(to.image, to.flag)
			if err != nil {
				return err
			}
			if f.Predicted != 0 {
				worst = max(worst, math.Abs(float64(f.Blackout)-float64(f.Predicted))/float64(f.Predicted))
			}
			if to.name == "" {
				continue
			}
			if f.Same != (to.name == "same_layout") {
				return fmt.Errorf("a restart with %s says that the layout is the same: %t", to.image, f.Same)
			}
			name := fmt.Sprintf("restart.blackout.%s.vps%d%s", to.name, vps, suffix(cpus))
			b.add(Entry{name, f.stand(), "instructions", 1, on, ""})
			if to.name == "changed" {
				b.add(Entry{fmt.Sprintf("restart.residue.vps%d%s", vps, suffix(cpus)), float64(f.Residue), "bytes", 1, on, ""})
			}
		}
	}
	one, _ := b.value("restart.blackout.changed.vps1" + suffix(cpus))
	all, _ := b.value(fmt.Sprintf("restart.blackout.changed.vps%d%s", vps, suffix(cpus)))
	b.add(Entry{"restart.blackout.per_vp" + suffix(cpus), math.Round((all - one) / float64(vps-1)), "instructions", vps, on, ""})
	b.add(Entry{"restart.predict.error" + suffix(cpus), math.Round(worst*1e4) / 1e4, "of what was foretold, the worst of 12", 12, on, ""})
	return nil
}

// restartsBySize measures what a guest's memory does to the blackout.
func (l *lab) restartsBySize(on, same string) error {
	for _, g := range sizes {
		if err := l.begin(g); err != nil {
			return err
		}
		f, err := l.restart(same, "--force")
		if err != nil {
			return err
		}
		l.b.add(Entry{"restart.blackout.same_layout." + g.name, f.stand(), "instructions", 1, on, ""})
		if err := l.end(g.name); err != nil {
			return err
		}
	}
	return nil
}

// suffix tells figures of several processors apart.
func suffix(cpus int) string {
	if cpus == 1 {
		return ""
	}
	return fmt.Sprintf(".cpus%d", cpus)
}
