package law

import (
	"fmt"
	gc "go/constant"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInterfaceIsDocumented wants every hypercall, error and CPUID leaf in
// docs/abi.md, by name and number.
func TestInterfaceIsDocumented(t *testing.T) {
	page := document(t, "docs/abi.md")
	n := 0
	for _, p := range load(t) {
		if p.path != "partition/abi" {
			continue
		}
		scope := p.types.Scope()
		for _, name := range scope.Names() {
			c, ok := scope.Lookup(name).(*types.Const)
			if !ok {
				continue
			}
			want := ""
			if c.Val().Kind() != gc.Int {
				continue
			}
			switch v, _ := gc.Int64Val(c.Val()); {
			case strings.HasPrefix(name, "Call"):
				want = fmt.Sprintf("| %d | %s |", v, strings.ToLower(strings.TrimPrefix(name, "Call")))
			case strings.HasPrefix(name, "Leaf"):
				want = fmt.Sprintf("0x%x", v)
			case strings.HasPrefix(name, "Err"):
				want = fmt.Sprintf("%d", v)
			default:
				continue
			}
			n++
			if !strings.Contains(strings.ReplaceAll(page, "−", "-"), want) {
				t.Errorf("docs/abi.md does not have %s, %s", name, want)
			}
		}
	}
	if n < 10 {
		t.Errorf("found %d things to document: have the names in partition/abi changed?", n)
	}
}

// TestLinksLeadSomewhere follows every relative link of the pages.
func TestLinksLeadSomewhere(t *testing.T) {
	for _, f := range sources(t, ".md") {
		for i, line := range f.lines {
			for part := range strings.SplitSeq(line, "](") {
				to, _, ok := strings.Cut(part, ")")
				to, _, _ = strings.Cut(to, "#")
				if !ok || part == line || to == "" || strings.Contains(to, "://") || strings.ContainsAny(to, " `") {
					continue
				}
				if !strings.Contains(line, "]("+to) {
					continue // the text before the first link
				}
				if _, err := os.Stat(filepath.Join(top, filepath.Dir(f.path), to)); err != nil {
					t.Errorf("%s:%d: the link to %s leads nowhere", f.path, i+1, to)
				}
			}
		}
	}
}

func document(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(top, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
