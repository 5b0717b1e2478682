package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFind(t *testing.T) {
	root := t.TempDir()
	t.Chdir(root)
	for path, text := range map[string]string{
		"b/b_test.go":          "package b\n\nfunc FuzzTwo(f *testing.F) {\n}\n\nfunc FuzzOne(f *testing.F) {\n}\n",
		"a_test.go":            "package a\n\nfunc FuzzHere(f *testing.F) {}\n\nfunc fuzzNot(f *testing.F) {}\n",
		"a.go":                 "package a\n\nfunc FuzzNeither(f *testing.F) {}\n",
		"testdata/c_test.go":   "package c\n\nfunc FuzzData(f *testing.F) {}\n",
		"build/d_test.go":      "package d\n\nfunc FuzzBuilt(f *testing.F) {}\n",
		"b/inner/deep_test.go": "package inner\n\nfunc FuzzDeep(f *testing.F) {}\n",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	got, err := find(".")
	require.NoError(t, err)
	assert.Equal(t, []target{{"./.", "FuzzHere"}, {"./b", "FuzzOne"}, {"./b", "FuzzTwo"}, {"./b/inner", "FuzzDeep"}}, got)
}

func TestLast(t *testing.T) {
	assert.Equal(t, "3s, execs: 9 (3/sec)", last("fuzz: elapsed: 0s, x\nfuzz: elapsed: 3s, execs: 9 (3/sec)\nPASS\nok\n"))
	assert.Equal(t, "2 lines of output", last("PASS\n"))
}
