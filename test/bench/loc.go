package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// recovering are the files that would not be there, or hardly, if nothing was ever
// recovered from: what makes exits transactions, what notices failures, what brings
// the instance back and what repairs kept state.
var recovering = []string{
	"kernel/crash.go", "kernel/crash_metal.go", "kernel/golden.go", "kernel/golden_amd64.s", "kernel/mend.go", "kernel/reset_amd64.s", "kernel/seal.go",
	"kernel/pages/golden.go", "kernel/pages/mend.go", "kernel/pages/restore.go", "kernel/fail/*.go", "microreset/*.go",
	"partition/quarantine.go", "partition/recovery.go", "partition/repair.go", "partition/scrub.go", "partition/steady*.go", "partition/tx/*.go",
	"partition/unwind.go", "partition/watch.go",
}

// recoveryLines counts the lines of code of recovery: neither blank nor comment.
func recoveryLines(_ context.Context, b *bench) error {
	n, files := 0, 0
	for _, pattern := range recovering {
		list, err := filepath.Glob(pattern)
		if err != nil || len(list) == 0 {
			return &os.PathError{Op: "count", Path: pattern, Err: os.ErrNotExist}
		}
		for _, file := range list {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			files++
			n += code(string(text))
		}
	}
	b.add(Entry{"recover.loc", float64(n), "lines", files, "neither blank nor comment, of the files that are there for recovery", ""})
	return nil
}

// code counts the lines of a text that are neither blank nor a comment alone.
func code(text string) (n int) {
	for _, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "//") {
			n++
		}
	}
	return n
}
