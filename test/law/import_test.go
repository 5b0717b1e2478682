package law

import (
	"strings"
	"testing"
)

// floors lists the folders from the ground up. A package imports only from
// floors below its own, or from its own folder. The first match wins.
var floors = [][]string{
	{"mm/addr", "kernel/x86", "kernel/raw", "vmx/vmcs", "partition/tx", "partition/abi", "boot/le"}, // leaves
	{"boot"},
	{"kernel"},
	{"mm"},
	{"vmx"},
	{"partition"},
	{"hhr", "microreset"}, // side by side: neither knows the other
	{"cmd"},
}

// beside are the folders that are no part of the hypervisor and stand beside
// the floors; nothing that stands on a floor imports them.
var beside = []string{"test", "docs"}

// floor returns the floor that a package stands on and the folder that it
// belongs to, or -1 if it stands on none.
func floor(pkg string) (n int, folder string) {
	for n, folders := range floors {
		for _, folder := range folders {
			if within(pkg, folder) {
				return n, folder
			}
		}
	}
	return -1, ""
}

func within(pkg, folder string) bool {
	return pkg == folder || strings.HasPrefix(pkg, folder+"/")
}

func TestNoImportGoesUp(t *testing.T) {
	for _, tags := range tagSets {
		out := goTool(t, "list", "-e", "-tags", tags, "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...")
		for line := range strings.Lines(out) {
			fields := strings.Fields(line)
			for i := range fields {
				fields[i] = strings.TrimPrefix(fields[i], module+"/")
			}
			for _, complaint := range upward(fields[0], fields[1:]) {
				t.Errorf("tags %q: %s", tags, complaint)
			}
		}
	}
}

// upward says which of a package's imports it may not have.
func upward(pkg string, imports []string) (complaints []string) {
	from, fromFolder := floor(pkg)
	if from < 0 {
		for _, folder := range beside {
			if within(pkg, folder) {
				return nil // may import anything
			}
		}
		return []string{pkg + " stands on no floor"}
	}
	for _, imp := range imports {
		for _, folder := range beside {
			if within(imp, folder) {
				complaints = append(complaints, pkg+" imports "+imp+", which is no part of the hypervisor")
			}
		}
		to, toFolder := floor(imp)
		if to < 0 || toFolder == fromFolder && from > 0 {
			continue
		}
		if to >= from {
			complaints = append(complaints, pkg+" ("+fromFolder+") imports "+imp+" ("+toFolder+"), which is not below it")
		}
	}
	return complaints
}

func TestUpwardSeesAnOffence(t *testing.T) {
	for _, c := range []struct {
		pkg, imp string
		bad      bool
	}{
		{"mm/addr", "unsafe", false},
		{"mm/addr", "kernel/x86", true},
		{"vmx", "partition/tx", false},
		{"vmx", "partition/lapic", true},
		{"partition", "partition/lapic", false},
		{"kernel/apic", "kernel", false},
		{"hhr", "microreset", true},
		{"cmd/hv", "microreset", false},
		{"kernel", "test/law", true},
		{"somewhere", "strings", true},
		{"test/system", "cmd/hvrun", false},
	} {
		if got := upward(c.pkg, []string{c.imp}); (len(got) > 0) != c.bad {
			t.Errorf("%s imports %s: complaints %q, want some: %v", c.pkg, c.imp, got, c.bad)
		}
	}
}
