package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// target is a function that fuzzes something.
type target struct {
	pkg  string // as in "./boot/acpi"
	name string
}

func (t target) String() string { return t.pkg + "." + t.name }

var declared = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)

// find returns all targets below a folder, in the order of their names.
func find(root string) (targets []target, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (d.Name() == "testdata" || d.Name() == "build" || d.Name()[0] == '.'):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range declared.FindAllSubmatch(text, -1) {
			targets = append(targets, target{"./" + filepath.ToSlash(filepath.Dir(path)), string(m[1])})
		}
		return nil
	})
	sort.Slice(targets, func(i, k int) bool { return targets[i].String() < targets[k].String() })
	return targets, err
}

// keep copies up to n inputs that the fuzzer found interesting to the target's
// seeds: the shortest, for they are the ones that a person can read.
func (t target) keep(n int) error {
	if n == 0 {
		return nil
	}
	found, err := t.cached()
	if err != nil {
		return err
	}
	sizes := map[string]int64{}
	for _, path := range found {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		sizes[path] = info.Size()
	}
	sort.Slice(found, func(i, k int) bool {
		a, b := found[i], found[k]
		return sizes[a] < sizes[b] || sizes[a] == sizes[b] && a < b
	})
	to := filepath.Join(t.pkg, "testdata", "fuzz", t.name)
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	old, err := os.ReadDir(to)
	if err != nil {
		return err
	}
	for i := 0; i < len(found) && i < n-len(old); i++ {
		text, err := os.ReadFile(found[i])
		if err == nil {
			err = os.WriteFile(filepath.Join(to, filepath.Base(found[i])), text, 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cached returns the files in which Go keeps the inputs that it found.
func (t target) cached() ([]string, error) {
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		return nil, err
	}
	pkg, err := exec.Command("go", "list", t.pkg).Output()
	if err != nil {
		return nil, err
	}
	return filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "fuzz", strings.TrimSpace(string(pkg)), t.name, "*"))
}

// last returns what the fuzzer said last about its work.
func last(out string) string {
	lines := strings.Split(out, "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if s, ok := strings.CutPrefix(lines[i], "fuzz: elapsed: "); ok {
			return s
		}
	}
	return fmt.Sprintf("%d lines of output", len(lines))
}
