package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/hhr/image"
	"perdure/hhr/image/sign"
	"perdure/hhr/record"
	"perdure/mm/kept"
)

// hvimage runs one command line.
func hvimage(line ...string) (code int, out, err string) {
	var o, e bytes.Buffer
	code = run(&o, &e, line)
	return code, o.String(), e.String()
}

// sample makes an image that is signed with a key of its own.
func sample(t *testing.T, m image.Manifest) (file, keyFile string) {
	t.Helper()
	dir := t.TempDir()
	keyFile, file = filepath.Join(dir, "key"), filepath.Join(dir, "img")
	key, err := haveKey(keyFile)
	require.NoError(t, err)
	require.NoError(t, replace(file, sign.File(sign.Sample(), &m, key)))
	return file, keyFile
}

func TestKeygen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a", "key")
	code, first, _ := hvimage("keygen", "-public", "-key", file)
	require.Zero(t, code)
	_, ok := image.ParseKey(strings.TrimSpace(first))
	require.True(t, ok, first)
	_, second, _ := hvimage("keygen", "-public", "-key", file)
	require.Equal(t, first, second, "a key that is there stays")
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, os.WriteFile(file, []byte("nonsense"), 0o600))
	code, _, complaint := hvimage("keygen", "-key", file)
	require.Equal(t, exitMissing, code)
	require.Contains(t, complaint, "no PRIVATE KEY in PEM")
}

func TestInspect(t *testing.T) {
	file, keyFile := sample(t, image.Manifest{Build: "abc", Release: "0.1.0", Home: 32 << 20, Records: []image.Record{{Number: 7, Version: 2, Drop: true}}})
	code, out, _ := hvimage("inspect", file)
	require.Zero(t, code)
	for _, want := range []string{"build     abc, release 0.1.0", "32 MiB", "version 2, reads from 0", "may be dropped", "verdict   whole"} {
		require.Contains(t, out, want)
	}
	code, out, _ = hvimage("inspect", "-json", file)
	require.Zero(t, code)
	require.Contains(t, out, `"build": "abc"`)
	require.Contains(t, out, `"may_be_dropped": true`)
	code, after, _ := hvimage("inspect", file, "-json")
	require.Zero(t, code, "flags stand anywhere")
	require.Equal(t, out, after)

	// Another key.
	code, out, _ = hvimage("inspect", "-trust", strings.Repeat("12", 32), file)
	require.Equal(t, exitUnfit, code)
	require.Contains(t, out, "trusted is 1212")
	_, theirs, _ := hvimage("keygen", "-public", "-key", keyFile)
	code, _, _ = hvimage("inspect", "-trust", strings.TrimSpace(theirs), file)
	require.Zero(t, code)

	// Damaged.
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	b[5000]++
	require.NoError(t, os.WriteFile(file, b, 0o644))
	code, out, _ = hvimage("inspect", file)
	require.Equal(t, exitUnfit, code)
	require.Contains(t, out, "PROBLEM   the file is damaged")
	code, out, complaint := hvimage("sign", "-key", keyFile, file)
	require.Equal(t, exitUnfit, code, "a new signature does not make it whole")
	require.Empty(t, out)
	require.Contains(t, complaint, "the file is damaged: its digest is not the signed one")
	again, _ := os.ReadFile(file)
	require.Equal(t, b, again, "it is left as it is")
	code, out, _ = hvimage("compat", file, file)
	require.Equal(t, exitUnfit, code)
	require.Contains(t, out, file+": the file is damaged")
	require.NoError(t, os.WriteFile(file, b[:4096], 0o644))
	code, out, _ = hvimage("inspect", "-json", file)
	require.Equal(t, exitUnfit, code)
	var j imageJSON
	require.NoError(t, json.Unmarshal([]byte(out), &j))
	require.Equal(t, []string{"the file is too short to be an image"}, j.Problems)
	code, out, _ = hvimage("inspect", file)
	require.Equal(t, exitUnfit, code)
	require.Contains(t, out, "too short")
}

func TestSign(t *testing.T) {
	file, keyFile := sample(t, image.Manifest{Build: "abc", Home: 1})
	other := filepath.Join(t.TempDir(), "key")
	page, whole := file+".page", file+".whole"
	code, _, complaint := hvimage("sign", "-key", other, "-bad", "crash", "-page", "-o", page, file)
	require.Zero(t, code, complaint)
	code, _, complaint = hvimage("sign", "-key", other, "-bad", "crash", "-o", whole, file)
	require.Zero(t, code, complaint)
	old, _ := os.ReadFile(file)
	p, _ := os.ReadFile(page)
	w, _ := os.ReadFile(whole)
	require.Equal(t, w, slices.Concat(sign.Body(old), p), "an image is a body and a page")
	m, err := image.Read(w)
	require.NoError(t, err)
	require.Equal(t, "crash", m.Bad)
	key, err := readKey(other)
	require.NoError(t, err)
	require.Equal(t, public(key), m.Key)
	code, out, _ := hvimage("inspect", whole)
	require.Zero(t, code)
	require.Contains(t, out, "on purpose: crash")

	// In place, with the first key again.
	code, _, _ = hvimage("sign", "-key", keyFile, whole)
	require.Zero(t, code)
	again, _ := os.ReadFile(whole)
	require.Equal(t, old, again)
}

// TestCompat compares images whose records are this source's, or differ in a table.
func TestCompat(t *testing.T) {
	make := func(build string, change func(l *record.Layouts)) string {
		l, err := record.Describe()
		require.NoError(t, err)
		change(l)
		layouts := l.Encode()
		m := image.Manifest{Build: build, Home: 32 << 20, Layouts: uint64(len(layouts))}
		m.Records, err = recordsOf(layouts)
		require.NoError(t, err)
		require.Len(t, m.Records, len(l.Tables))
		file, keyFile := sample(t, m)
		key, err := readKey(keyFile)
		require.NoError(t, err)
		require.NoError(t, replace(file, sign.File(sign.With(sign.Sample(), layouts), &m, key)))
		return file
	}
	a := make("a", func(*record.Layouts) {})
	same := make("b", func(*record.Layouts) {})
	another := func(marks kept.Mark) func(l *record.Layouts) {
		return func(l *record.Layouts) {
			l.Messages = append(l.Messages, record.Message{Name: "more", Size: 8})
			l.Tables = append(l.Tables, record.Table{Kind: 60, Name: "more", Version: 1, Reads: 1, Stride: 8, Count: 1, Marks: marks, Message: len(l.Messages) - 1})
		}
	}
	more, must := make("c", another(kept.Drop)), make("d", another(0))
	far := make("e", func(l *record.Layouts) { l.Tables[0].Version, l.Tables[0].Reads = 9, 8 })
	for _, c := range []struct {
		name, from, to string
		code           int
		says           string
	}{
		{"same layout", a, same, 0, "b can replace a: the same layout"},
		{"another table", a, more, 0, "c can replace a: another layout"},
		{"and back", more, a, 0, "a can replace c: another layout"},
		{"a table that must be known", must, a, exitUnfit, "a cannot replace d:\n  it does not know record 60"},
		{"too far", a, far, exitUnfit, "e cannot replace a:\n  record 1: it reads versions from 8 on"},
	} {
		code, out, _ := hvimage("compat", c.from, c.to)
		require.Equal(t, c.code, code, "%s: %s", c.name, out)
		require.Contains(t, out, c.says, c.name)
	}
	code, out, _ := hvimage("compat", "-json", a, far)
	require.Equal(t, exitUnfit, code)
	require.Contains(t, out, `"fits": false`)
	_, out, _ = hvimage("compat", a, a)
	require.Contains(t, out, "note: it is the same build")
	_, out, _ = hvimage("compat", a, same)
	require.Contains(t, out, "note: they are signed by different keys", "each has one of its own")
}

func TestCommandLines(t *testing.T) {
	for _, line := range []string{"", "frob", "inspect", "compat a", "keygen x", "sign", "sign -frob x", "build x", "build -id a,b", "build -id " + strings.Repeat("x", 40), "inspect -trust 12 " + os.Args[0]} {
		code, _, _ := hvimage(strings.Fields(line)...)
		require.NotZero(t, code, line)
	}
	code, out, _ := hvimage("help")
	require.Zero(t, code)
	require.Equal(t, usage, out)
	_, _, complaint := hvimage("inspect", "a", "b")
	require.Equal(t, "hvimage inspect: file names: 2 are given, wanted 1; \"hvimage help\" explains it\n", complaint)
	code, _, complaint = hvimage("inspect", filepath.Join(t.TempDir(), "none"))
	require.Equal(t, exitMissing, code)
	require.Contains(t, complaint, "no such file")
}
