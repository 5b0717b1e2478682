package depot

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestLevel(t *testing.T) {
	v2 := "fpu cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"
	v3 := v2 + " abm avx avx2 bmi1 bmi2 f16c fma movbe xsave"
	for _, c := range []struct{ flags, want string }{
		{"", "x86-64"},
		{"fpu pni", "x86-64"},
		{v2, "x86-64-v2"},
		{v2 + " avx", "x86-64-v2"},
		{v3, "x86-64-v3"},
		{strings.Replace(v3, "popcnt ", "", 1), "x86-64"},
	} {
		if got := level(strings.Fields(c.flags)); got != c.want {
			t.Errorf("%q: got %s, want %s", c.flags, got, c.want)
		}
	}
}

func TestFolderFollowsTheScript(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "/c")
	a, b := Script{Name: "n", Text: "1"}, Script{Name: "n", Text: "2"}
	if a.Folder() == b.Folder() || filepath.Dir(a.Folder()) != "/c/perdure" {
		t.Errorf("%s and %s", a.Folder(), b.Folder())
	}
}
