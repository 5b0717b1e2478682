// Package law holds the rules of the tree that reviewers need not remember.
//
// The one idea: what must be true of every line of the source, or of every
// instruction of the compiled image, is a test and not a habit.
package law

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// module is the import path that every package of ours begins with.
const module = "perdure"

// top is the tree that the laws hold in, seen from this package.
const top = "../.."

// tagSets are the ways in which every package must be sound: as a program
// of the host, with fakes for the lowest instructions, and as the image, or as
// the image that makes faults of its own or fails on purpose.
var tagSets = []string{"", "metal", "metal,inject", "metal,bad"}

// source is one file of the tree, split into lines.
type source struct {
	path  string // from the top of the tree, with slashes
	lines []string
}

// sources returns every file below the top whose name ends in one of the
// endings. Build results and test data belong to nobody and are left out.
func sources(t *testing.T, endings ...string) []source {
	t.Helper()
	var found []source
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch d.Name() {
			case ".git", "build", "testdata":
				return filepath.SkipDir
			}
			return nil
		}
		for _, ending := range endings {
			if !strings.HasSuffix(path, ending) {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(top, path)
			if err != nil {
				return err
			}
			found = append(found, source{filepath.ToSlash(rel), strings.Split(string(text), "\n")})
			break
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// goTool runs the go command at the top of the tree and returns what it prints.
func goTool(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = top
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}
