package law

import (
	"regexp"
	"strings"
	"testing"
)

// text finds the head of an assembly function, in its file's own package or,
// as runtime calls need it, in another.
var text = regexp.MustCompile(`^TEXT\s+(?:[\w∕/.]*·)?(\w+)(?:<>)?\(SB\)`)

// TestAsmSaysWhatItDoes wants each assembly function preceded by its Go
// declaration and by the registers that it destroys.
func TestAsmSaysWhatItDoes(t *testing.T) {
	for _, f := range sources(t, ".s") {
		if !strings.HasSuffix(f.path, "_amd64.s") {
			t.Errorf("%s: assembly files end in _amd64.s", f.path)
		}
		for _, complaint := range undocumented(f.lines) {
			t.Errorf("%s:%s", f.path, complaint)
		}
	}
}

func undocumented(lines []string) (complaints []string) {
	for i, line := range lines {
		m := text.FindStringSubmatch(line)
		if m == nil {
			if strings.HasPrefix(line, "TEXT") {
				complaints = append(complaints, itoa(i+1)+": a TEXT that this test cannot read: "+line)
			}
			continue
		}
		above := ""
		for j := i - 1; j >= 0 && strings.HasPrefix(lines[j], "//"); j-- {
			above = lines[j] + "\n" + above
		}
		if !strings.Contains(above, "// func "+m[1]+"(") {
			complaints = append(complaints, itoa(i+1)+": "+m[1]+" wants its declaration above it: // func "+m[1]+"(…)")
		}
		if !strings.Contains(above, "Clobbers:") {
			complaints = append(complaints, itoa(i+1)+": "+m[1]+" wants the registers that it destroys above it: // Clobbers: …")
		}
	}
	return complaints
}

func TestUndocumentedSeesAnOffence(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     int
	}{
		{"good", "// func stop()\n// Clobbers: nothing.\nTEXT ·stop(SB), NOSPLIT|NOFRAME, $0-0\n\tHLT", 0},
		{"no declaration", "// Clobbers: nothing.\nTEXT ·stop(SB), NOSPLIT, $0-0", 1},
		{"another's declaration", "// func stopAll()\n// Clobbers: nothing.\nTEXT ·stop(SB), NOSPLIT, $0-0", 1},
		{"a gap", "// func stop()\n// Clobbers: nothing.\n\nTEXT ·stop(SB), NOSPLIT, $0-0", 2},
		{"file-local", "TEXT stop<>(SB), NOSPLIT, $0-0", 2},
		{"unreadable", "TEXT stop", 1},
	} {
		if got := undocumented(strings.Split(c.in, "\n")); len(got) != c.want {
			t.Errorf("%s: %q, want %d complaints", c.name, got, c.want)
		}
	}
}
