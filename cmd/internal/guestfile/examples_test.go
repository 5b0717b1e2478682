package guestfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The examples of the documentation are right, but for the files that they name.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../../../docs/guests/*.toml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	names := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		g, err := Parse(f, f, text, func(string) (int64, error) { return 1 << 30, nil })
		require.NoError(t, err)
		require.Empty(t, names[g.Name], "%s and %s are both %s", names[g.Name], f, g.Name)
		names[g.Name] = f
	}
}

// Every key is documented.
func TestKeysAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/guests.md")
	require.NoError(t, err)
	p := &Problems{}
	r := &reader{section: &section{table: &table{}, p: p}, doc: &document{groups: map[string][]*table{"net": {{}}, "disk": {{}}}}, look: look}
	g := &Guest{}
	r.identity(g)
	r.processors(g)
	r.kernel(g)
	for _, key := range append(r.known, "mac", "group", "mtu", "file", "ram", "readonly", "serial") {
		require.True(t, strings.Contains(string(page), "\n| `"+key+"` |"), "docs/guests.md has no %s", key)
	}
}
