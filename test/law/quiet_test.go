package law

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"perdure/test/law/quiet"
)

// exitPath is the law of the path from a VM exit to the next entry. A
// microreset may drop that stack at any instruction, so it must own nothing: no
// memory, no lock of the runtime, no goroutine, no place in a map.
var exitPath = quiet.Law{
	Roots: []string{
		"perdure/partition.(*CPU).run", // the run loop, Enter and serve below it
		"perdure/partition.(*CPU).pick",
		"perdure/partition.(*CPU).rest",
		"perdure/partition.(*CPU).vector", // what an interrupt leads to
		"perdure/partition.(*CPU).after",
		"perdure/partition.(*CPU).attend", // the handoff
		"perdure/vmx.exitStub",            // where the processor comes back; nothing calls it

		// What a dispatcher does between the head of step, where the runtime may take it to
		// another processor, and its use of the one that it began on.
		"perdure/partition.(*CPU).inspect",
		"perdure/partition.(*CPU).doubt",
		"perdure/partition.(*CPU).audit",
		"perdure/partition.(*CPU).drop",
		"perdure/kernel/console.Drain",
	},
	Tables: []string{"perdure/partition.exits"},

	// A Go panic ends the path: the dispatcher drops the exit and its guest
	// does the instruction again. Our own failures end it for good.
	Ends: regexp.MustCompile(`^runtime\.(panic\w*|goPanic\w*|gopanic|sigpanic)$|^perdure/kernel/fail\.(Now|End)$`),

	// Nothing of the runtime may be called, not even what copies and clears.
	Loud: regexp.MustCompile(`^runtime\.|^internal/runtime/maps\.|^sync\.|^fmt\.|^reflect\.|^time\.`),
	Allowed: map[string]string{
		"perdure/vmx.loadGuest.abi0": "gives the guest its MXCSR, from its record",
		"perdure/vmx.loadHost.abi0":  "gives us ours",
	},
	Hooks: map[string][]string{
		"perdure/kernel/console.OnWait": {"perdure/partition.watchOn"},
		"perdure/kernel/console.Self":   {"perdure/partition.self"},
		"perdure/partition/net.Relax":   {"perdure/partition.relax"},
	},
}

// spare are the vector registers that vmx.Enter loads at every entry. The
// guest's others are in the processor all the time.
var spare = []string{"xmm0", "xmm1", "xmm14", "xmm15"}

// TestExitPathIsQuiet reads the code that the compiler made for the image.
func TestExitPathIsQuiet(t *testing.T) {
	img, err := quiet.Open(compiled(t))
	if err != nil {
		t.Fatal(err)
	}
	report := quiet.Check(img, exitPath)
	bytes, chain := report.Deepest()
	for _, o := range report.Offences {
		t.Error(o)
	}
	for name, why := range exitPath.Allowed {
		if !slices.ContainsFunc(report.Path, func(f *quiet.Func) bool { return f.Name == name }) {
			t.Errorf("the path does not come by %s, which needs no exception (%s)", name, why)
		}
	}
	if has := constant(t, "partition", "depth"); bytes > has/2 {
		t.Errorf("the path uses %d bytes of stack, more than half of the %d that a dispatcher has: %s", bytes, has, strings.Join(chain, " → "))
	}
	t.Logf("%d functions; deepest: %d bytes, %s", len(report.Path), bytes, strings.Join(chain, " → "))
	xmm := report.XMM()
	for _, name := range slices.Sorted(maps.Keys(xmm)) {
		t.Logf("%s: %s", name, strings.Join(xmm[name], ", "))
		if slices.Contains(spare, name) {
			continue
		}
		for _, f := range xmm[name] {
			if !strings.HasPrefix(f, "perdure/vmx.") {
				t.Errorf("%s touches %s, which Enter does not load again: only %s", f, name, strings.Join(spare, ", "))
			}
		}
	}
}

// compiled builds the image as make does, with its symbols.
func compiled(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hv")
	cmd := exec.Command("go", "build", "-tags", "metal", "-ldflags", "-w -T 0x40001000 -E perdure/kernel.entry", "-o", file, "./cmd/hv")
	cmd.Dir = top
	cmd.Env = append(os.Environ(), "GOEXPERIMENT=norandomizedheapbase64", "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the image does not build: %v\n%s", err, out)
	}
	return file
}
