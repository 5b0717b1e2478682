package law

import (
	"strings"
	"testing"
)

// TestUnsafeHasItsOwnFiles wants unsafe in files named for it, with a reason
// in a SAFETY line near each use. The name of a host-only or metal-only file
// may say that too: access_metal_unsafe.go.
func TestUnsafeHasItsOwnFiles(t *testing.T) {
	for _, f := range sources(t, ".go") {
		own := strings.HasSuffix(f.path, "_unsafe.go") || strings.HasSuffix(f.path, "_unsafe_test.go")
		imports, reasons := false, false
		for i, line := range f.lines {
			line = strings.TrimSpace(line)
			if line == `"unsafe"` || line == `import "unsafe"` || strings.HasSuffix(line, ` "unsafe"`) {
				imports = true
				if !own && !strings.HasSuffix(f.path, "_test.go") {
					t.Errorf("%s:%d: unsafe belongs in a file named *_unsafe.go", f.path, i+1)
				}
			}
			reasons = reasons || strings.Contains(line, "// SAFETY:")
		}
		if own && imports && !reasons && uses(f, "unsafe.Pointer(") {
			t.Errorf("%s: converts pointers and has no line that begins with // SAFETY:", f.path)
		}
	}
}

// TestLinknameHasItsOwnFiles keeps the other door out of the type system, the
// names of the runtime's insides, in the same files.
func TestLinknameHasItsOwnFiles(t *testing.T) {
	for _, f := range sources(t, ".go") {
		if strings.HasSuffix(f.path, "_unsafe.go") {
			continue
		}
		for i, line := range f.lines {
			if strings.HasPrefix(line, "//go:linkname ") {
				t.Errorf("%s:%d: go:linkname belongs in a file named *_unsafe.go", f.path, i+1)
			}
		}
	}
}

func uses(f source, word string) bool {
	for _, line := range f.lines {
		if strings.Contains(line, word) {
			return true
		}
	}
	return false
}
