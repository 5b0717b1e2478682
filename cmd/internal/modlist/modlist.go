// Package modlist is the list of kernel modules in root's initramfs.
//
// The one idea: what each module needs and which devices it serves is worked out
// when the initramfs is built, so that the first process only compares names.
//
// One line a module, in an order in which everything comes after what it needs:
//
//	PATH <tab> NEEDS <tab> ALIASES
//
// NEEDS are paths, ALIASES patterns of device names as /sys gives them in files
// called modalias; both are separated by blanks.
package modlist

import (
	"path"
	"strings"
)

// Module is one kernel module.
type Module struct {
	Path    string // below the folder that the list lies in
	Needs   []string
	Aliases []string
}

// Line gives m as its line of the list.
func (m Module) Line() string {
	return m.Path + "\t" + strings.Join(m.Needs, " ") + "\t" + strings.Join(m.Aliases, " ") + "\n"
}

// Parse reads a list; lines that are none are left out.
func Parse(text string) []Module {
	var list []Module
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) == 3 && f[0] != "" {
			list = append(list, Module{f[0], strings.Fields(f[1]), strings.Fields(f[2])})
		}
	}
	return list
}

// Wanted returns the paths of the modules that serve one of the devices, and of
// those that they need, in the order in which they are to be loaded.
func Wanted(list []Module, devices []string) []string {
	byPath := map[string]*Module{}
	for i := range list {
		byPath[list[i].Path] = &list[i]
	}
	var order []string
	done := map[string]bool{}
	var load func(m *Module)
	load = func(m *Module) {
		if m == nil || done[m.Path] {
			return
		}
		done[m.Path] = true
		for _, n := range m.Needs {
			load(byPath[n])
		}
		order = append(order, m.Path)
	}
	for i := range list {
		if list[i].serves(devices) {
			load(&list[i])
		}
	}
	return order
}

// serves compares what a pattern begins with first: nearly all that do not match
// differ there.
func (m *Module) serves(devices []string) bool {
	for _, a := range m.Aliases {
		begin := a
		if i := strings.IndexAny(a, "*?[\\"); i >= 0 {
			begin = a[:i]
		}
		for _, d := range devices {
			if !strings.HasPrefix(d, begin) {
				continue
			}
			if ok, err := path.Match(a, d); ok && err == nil {
				return true
			}
		}
	}
	return false
}
