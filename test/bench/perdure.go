package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
	"perdure/test/probe"
)

// guestPerdure has Perdure run the guests that KVM ran.
func guestPerdure(ctx context.Context, b *bench) error {
	l := &lab{ctx: ctx, b: b}
	initrd, err := b.guestRoot()
	if err != nil {
		return err
	}
	l.r, err = rig.Boot(rig.Options{Config: roomy, Image: b.image, Words: "root_mem=448M", Kernel: "cloud", Initrd: initrd, Commands: true}, b.echo...)
	if err != nil {
		return err
	}
	defer l.r.Close()
	if l.root, err = emu.WaitForRoot(ctx, l.r.Console); err != nil {
		return probe.Describe(l.r, err)
	}
	for _, work := range []func() error{l.boot, l.talk, l.turns} {
		if err := work(); err != nil {
			return probe.Describe(l.r, err)
		}
	}
	b.ratio("guest.boot.ratio_bare", "guest.boot", "guest.boot.bare", roomyMachine)
	b.ratio("guest.boot.ratio_kvm", "guest.boot", "guest.boot.kvm", roomyMachine)
	return nil
}

// listed is what of "hvctl list --json" makes figures.
type listed struct {
	Name     string `json:"name"`
	Created  uint64 `json:"created_tsc"`
	Overhead uint64 `json:"overhead"`
}

// boot boots a guest, which then reads from a disk that is a file of root's and
// from one in memory.
func (l *lab) boot() error {
	if _, err := l.run("hvctl", "create", "--start", folder+"read.toml"); err != nil {
		return err
	}
	text, err := l.hear("read", bootTime)
	if err != nil {
		return err
	}
	all, err := said(text)
	if err != nil {
		return err
	}
	l.b.figures(all, "", roomyMachine, "")
	out, err := l.run("hvctl", "list", "--json")
	if err != nil {
		return err
	}
	var list []listed
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		return err
	}
	for _, p := range list {
		if p.Name == "read" {
			l.b.add(Entry{"guest.create.instructions", all["kernel.first"] - float64(p.Created), "instructions", 1, roomyMachine, ""})
			l.b.add(Entry{"guest.overhead.bytes", float64(p.Overhead), "bytes", 1, roomyMachine, ""})
		}
	}
	return l.end("read")
}

func (l *lab) talk() error {
	if err := l.start("receive", "send"); err != nil {
		return err
	}
	for _, name := range []string{"receive", "send"} {
		text, err := l.hear(name, 2*bootTime)
		if err != nil {
			return err
		}
		all, err := said(text)
		if err != nil {
			return err
		}
		if v, ok := all["net.udp"]; ok {
			l.b.figures(map[string]float64{"net.udp": v}, "", roomyMachine, "")
		}
	}
	return l.end("receive", "send")
}

// turns has two guests take turns, a third wake up beside them, and then looks how
// well shares are kept when one has a weight of two.
func (l *lab) turns() error {
	if err := l.start("turn-a", "turn-b"); err != nil {
		return err
	}
	var seen [2][][2]uint64
	for i, name := range []string{"turn-a", "turn-b"} {
		text, err := l.hear(name, 6)
		if err != nil {
			return err
		}
		seen[i] = turns(text)[""]
	}
	figures := map[string]float64{"vp.switch": switches(seen[0], seen[1])}
	if err := l.start("wakeup"); err != nil {
		return err
	}
	text, err := l.hear("wakeup", 10)
	if err != nil {
		return err
	}
	all, err := said(text)
	if err != nil {
		return err
	}
	figures["hlt.wakeup"] = all["hlt.wakeup"]
	l.b.figures(figures, "", roomyMachine, "")
	if err := l.end("wakeup"); err != nil {
		return err
	}
	if err := l.start("turn-c"); err != nil {
		return err
	}
	out, err := l.run("hvtest", "shares", "-seconds", "10", "-tolerance", "1", "turn-a=1", "turn-b=1", "turn-c=2")
	if err != nil {
		return err
	}
	return l.shares(out)
}

var share = regexp.MustCompile(`shares\.turn-\w ([\d.]+) of ([\d.]+)`)

// shares notes how far the worst share is from what it should be.
func (l *lab) shares(text string) error {
	worst := -1.0
	for _, m := range share.FindAllStringSubmatch(text, -1) {
		got, _ := strconv.ParseFloat(m[1], 64)
		want, err := strconv.ParseFloat(m[2], 64)
		if err != nil || want == 0 {
			return fmt.Errorf("hvtest says %q", m[0])
		}
		worst = max(worst, math.Abs(got-want)/want)
	}
	if worst < 0 {
		return fmt.Errorf("hvtest told no shares: %s", text)
	}
	l.b.add(Entry{"sched.share.error", math.Round(worst*1e4) / 1e4, "of a share, the worst of three over 10 s", 1, roomyMachine, ""})
	return nil
}
