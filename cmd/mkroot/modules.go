package main

import (
	"debug/elf"
	_ "embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"perdure/cmd/hvrun/depot"
	"perdure/cmd/internal/modlist"
)

// wantedModules are the drivers that go in, if the kernel has them as modules;
// one with others behind it is loaded for their devices too.
//
//go:embed modules.txt
var wantedModules string

// modules packs the drivers of modules.txt and all that they need.
func modules(out, flavour, dir string) (err error) {
	if dir == "" {
		if dir, err = depot.Modules(flavour); err != nil {
			return err
		}
	}
	tree, err := readTree(dir)
	if err != nil {
		return err
	}
	list, err := tree.choose(lines(wantedModules))
	if err != nil {
		return err
	}
	a := newArchive()
	text := ""
	for _, m := range list {
		b, err := os.ReadFile(tree.files[m.Path])
		if err != nil {
			return err
		}
		a.addFile("lib/modules/"+m.Path, b, 0o644)
		text += m.Line()
	}
	a.addFile("lib/modules/load", []byte(text), 0o644)
	return a.write(out)
}

// moduleTree knows where each module of a kernel lies, by file name.
type moduleTree struct {
	files map[string]string
}

func readTree(dir string) (moduleTree, error) {
	t := moduleTree{map[string]string{}}
	err := filepath.WalkDir(filepath.Join(dir, "kernel"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".ko") {
			t.files[fileOf(strings.TrimSuffix(d.Name(), ".ko"))] = path
		}
		return err
	})
	if err == nil && len(t.files) == 0 {
		err = fmt.Errorf("%s holds no modules", dir)
	}
	return t, err
}

// fileOf is the name under which a module goes into the archive: modules call
// each other with "_" where files may have "-".
func fileOf(module string) string { return strings.ReplaceAll(module, "-", "_") + ".ko" }

// choose makes the list of the named modules and what they need, needs first.
func (t moduleTree) choose(names []string) (list []modlist.Module, err error) {
	done := map[string]bool{}
	var add func(file string, with []string) error
	add = func(file string, with []string) error {
		if done[file] {
			return nil
		}
		done[file] = true
		needs, aliases, err := moduleInfo(t.files[file])
		if err != nil {
			return err
		}
		for _, n := range needs {
			if t.files[n] == "" {
				return fmt.Errorf("%s needs %s, which is not there", file, n)
			}
			if err := add(n, nil); err != nil {
				return err
			}
		}
		for _, name := range with {
			if path := t.files[fileOf(name)]; path != "" {
				_, more, err := moduleInfo(path)
				if err != nil {
					return err
				}
				aliases = append(aliases, more...)
			}
		}
		list = append(list, modlist.Module{Path: file, Needs: needs, Aliases: aliases})
		return nil
	}
	for _, name := range names {
		words := strings.Fields(name)
		if file := fileOf(words[0]); t.files[file] != "" {
			if err := add(file, words[1:]); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// moduleInfo reads what a module says about itself.
func moduleInfo(path string) (needs, aliases []string, err error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	defer f.Close()
	section := f.Section(".modinfo")
	if section == nil {
		return nil, nil, fmt.Errorf("%s is no module", path)
	}
	info, err := section.Data()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, field := range strings.Split(string(info), "\x00") {
		key, value, _ := strings.Cut(field, "=")
		switch key {
		case "depends":
			for _, n := range strings.Split(value, ",") {
				if n != "" {
					needs = append(needs, fileOf(n))
				}
			}
		case "alias":
			if !slices.Contains(aliases, value) && !strings.ContainsAny(value, " \t\n") {
				aliases = append(aliases, value)
			}
		}
	}
	return needs, aliases, nil
}
