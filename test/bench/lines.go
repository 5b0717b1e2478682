package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// recoveryFiles are what there is for recovery alone, in the hypervisor: the ladder,
// the golden image, reset, repair, watch and standby; not the faults made on purpose,
// and not what hot restart needs too (seats, candidates, the journal of exits).
var recoveryFiles = []string{
	"microreset/*.go", "kernel/golden.go", "kernel/golden_amd64.s", "kernel/reset_amd64.s", "kernel/seal.go", "kernel/mend.go", "kernel/crash*.go",
	"kernel/standby_metal.go", "kernel/golden/*.go", "kernel/pages/golden.go", "kernel/pages/restore.go", "kernel/pages/mend.go",
	"partition/unwind.go", "partition/abandon.go", "partition/repair.go", "partition/recovery.go", "partition/watch.go", "partition/standby*.go",
}

// recoveryLines notes how many lines these have that are neither empty nor a comment.
func (b *bench) recoveryLines(root string) error {
	count := func(patterns ...string) (n int, err error) {
		for _, p := range patterns {
			files, err := filepath.Glob(filepath.Join(root, p))
			if err != nil || len(files) == 0 {
				return 0, fmt.Errorf("there is no %s: %w", p, err)
			}
			for _, f := range files {
				text, err := os.ReadFile(f)
				if err != nil {
					return 0, err
				}
				if !strings.HasSuffix(f, "_test.go") {
					n += lines(text)
				}
			}
		}
		return n, nil
	}
	n, err := count(recoveryFiles...)
	if err != nil {
		return err
	}
	b.add(Entry{"recover.loc", float64(n), "lines", 1, "without comments, empty lines and tests", ""})
	return nil
}

// lines counts a program's lines of code.
func lines(text []byte) (n int) {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			n++
		}
	}
	return n
}
