package main

import (
	"context"
	"os"
	"regexp"
	"strconv"

	"perdure/cmd/hvrun/rig"
	"perdure/test/probe"
)

func static(_ context.Context, b *bench) error {
	st, err := os.Stat(b.image)
	if err != nil {
		return err
	}
	b.add(Entry{"image.bytes", float64(st.Size()), "bytes", 1, "build/perdure.img", ""})
	return b.recoveryLines(".")
}

var goldenLine = regexp.MustCompile(`selftest golden: rounds=(\d+).* p50=(\d+) .*\n`)

// golden has Perdure throw its volatile state away and bring it back, again and
// again, before it starts its root.
func golden(ctx context.Context, b *bench) error {
	guest, err := probe.Build(b.work)
	if err != nil {
		return err
	}
	r, err := rig.Boot(rig.Options{Config: config, Image: b.image, Words: "selftest=golden", Kernel: guest}, b.echo...)
	if err != nil {
		return err
	}
	defer r.Close()
	m, err := r.Expect(ctx, goldenLine)
	if err != nil {
		return probe.Describe(r, err)
	}
	rounds, _ := strconv.Atoi(m[1])
	v, err := strconv.ParseFloat(m[2], 64)
	b.add(Entry{"golden.round", v, "instructions", rounds, machine, ""})
	return err
}
