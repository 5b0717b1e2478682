package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"perdure/cmd/hvrun/rig"
)

func static(_ context.Context, b *bench) error {
	st, err := os.Stat(b.image)
	if err != nil {
		return err
	}
	b.add(Entry{"image.bytes", float64(st.Size()), "bytes", 1, "build/perdure.img", ""})
	return nil
}

var goldenLine = regexp.MustCompile(`selftest golden: rounds=(\d+).* p50=(\d+) .*\n`)

// golden has Perdure throw its volatile state away and bring it back, again and
// again, before it starts its root.
func golden(ctx context.Context, b *bench) error {
	probe, err := b.probe()
	if err != nil {
		return err
	}
	r, err := rig.Boot(rig.Options{Config: config, Image: b.image, Words: "selftest=golden", Kernel: probe})
	if err != nil {
		return err
	}
	defer r.Close()
	m, err := r.Expect(ctx, goldenLine)
	if err != nil {
		return describe(r, err)
	}
	rounds, _ := strconv.Atoi(m[1])
	v, err := strconv.ParseFloat(m[2], 64)
	b.add(Entry{"golden.round", v, "instructions", rounds, machine, ""})
	return err
}

// describe adds to an error what the machine said last.
func describe(r *rig.Run, err error) error {
	lines := strings.Split(strings.TrimSpace(r.Text()), "\n")
	return fmt.Errorf("%w; the machine's last lines:\n%s", err, strings.Join(lines[max(0, len(lines)-15):], "\n"))
}

func errorf(format string, args ...any) error { return fmt.Errorf(format, args...) }
