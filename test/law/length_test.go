package law

import (
	"strconv"
	"strings"
	"testing"
)

// maxLines is the length that a file of source may have. One that outgrows it
// is split by noun.
const maxLines = 250

// longer are the files that may pass it, each with its reason.
var longer = map[string]string{
	"boot/head.S": "all the code before Go is one story, read from top to bottom",
}

func TestFilesStayShort(t *testing.T) {
	for _, f := range sources(t, ".go", ".s", ".S") {
		n := len(f.lines) - 1
		if why, ok := longer[f.path]; ok {
			if n <= maxLines {
				t.Errorf("%s has %d lines and needs no exception (%s)", f.path, n, why)
			}
			continue
		}
		if n > maxLines {
			t.Errorf("%s has %d lines; split it by noun (at most %d)", f.path, n, maxLines)
		}
	}
}

// TestPackagesTellTheirIdea wants one doc comment a package, with the idea in it.
func TestPackagesTellTheirIdea(t *testing.T) {
	told, seen := map[string]bool{}, map[string]bool{}
	for _, f := range sources(t, ".go") {
		i := strings.LastIndex(f.path, "/")
		if i < 0 || strings.HasSuffix(f.path, "_test.go") && f.path != "test/law/law_test.go" {
			continue
		}
		seen[f.path[:i]] = true
		for _, line := range f.lines {
			if strings.HasPrefix(line, "// The one idea: ") {
				told[f.path[:i]] = true
			}
			if strings.HasPrefix(line, "package ") {
				break
			}
		}
	}
	for pkg := range seen {
		if !told[pkg] {
			t.Errorf("%s: no file's package comment has a paragraph that begins with “The one idea:”", pkg)
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
