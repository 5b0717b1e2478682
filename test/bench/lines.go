package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// recoveryFiles are what there is for recovery alone, in the hypervisor: the ladder,
// the golden image, reset, repair, checks of records, watch, quarantine and standby; not the faults made on purpose,
// and not what hot restart needs too (seats, candidates, the journal of exits).
var recoveryFiles = []string{
	"microreset/*.go", "kernel/golden.go", "kernel/golden_amd64.s", "kernel/reset_amd64.s", "kernel/seal.go", "kernel/mend.go", "kernel/crash*.go",
	"kernel/standby_metal.go", "kernel/golden/*.go", "kernel/fail/*.go", "kernel/pages/golden.go", "kernel/pages/restore.go", "kernel/pages/mend.go",
	"partition/unwind.go", "partition/abandon.go", "partition/repair.go", "partition/recovery.go", "partition/watch.go", "partition/standby*.go",
	"partition/quarantine.go", "partition/scrub.go", "partition/steady*.go",
}

// recoveryLines notes how many lines these have that are neither empty nor a comment.
func (b *bench) recoveryLines(root string) error {
	n := 0
	for _, p := range recoveryFiles {
		files, err := filepath.Glob(filepath.Join(root, p))
		if err != nil || len(files) == 0 {
			return fmt.Errorf("there is no %s: %w", p, err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				return err
			}
			n += lines(text)
		}
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
