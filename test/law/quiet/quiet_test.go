package quiet

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// build compiles the program that offends on purpose.
func build(t *testing.T) *Image {
	t.Helper()
	file := filepath.Join(t.TempDir(), "loud")
	cmd := exec.Command("go", "build", "-o", file, "./testdata/loud")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	img, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

var (
	ends = regexp.MustCompile(`^runtime\.(panic|goPanic|gopanic)`)
	loud = regexp.MustCompile(`^runtime\.`)
)

// offences are what each handler of the program must be found to do: the end of
// the chain and a part of the complaint.
var offences = map[string][2]string{
	"loudNew":       {"main.loudNew", "runtime.newobject"},
	"loudDeepNew":   {"main.loudDeepNew → main.deeper → main.deepest", "runtime.newobject"},
	"loudStack":     {"main.loudStack", "runtime.morestack"},
	"loudMap":       {"main.loudMap", "runtime.mapaccess"},
	"loudInterface": {"main.loudInterface", "runtime.convT64"},
	"loudAppend":    {"main.loudAppend", "runtime.growslice"},
	"loudGo":        {"main.loudGo", "runtime.newproc"},
	"loudChan":      {"main.loudChan", "runtime.chansend"},
	"loudDefer":     {"main.loudDefer", "runtime.deferproc"},
	"loudString":    {"main.loudString", "runtime.concatstring"},
	"loudBarrier":   {"main.loudBarrier", "runtime.gcWriteBarrier"},
	"loudIndirect":  {"main.loudIndirect → main.pick", "cannot be followed"},
	"loudMethod":    {"main.loudMethod", "cannot be followed"},
	"loudRecursion": {"main.loudRecursion", "calls itself"},
	"loudMutual":    {"main.loudMutual", "calls itself by way of others"},
	"loudTable":     {"main.loudTable → main.portLoud", "runtime.newobject"},
	"loudClosure":   {"main.loudClosure.func1", "runtime.newobject"},
	"loudWide":      {"main.wide", "touches ymm0"},
	"loudRewritten": {"main.main", "changes main.changing"},
}

func TestEveryOffenceIsSeen(t *testing.T) {
	img := build(t)
	handlers := img.Table("main.exits")
	if len(handlers) != 25 {
		t.Fatalf("found %d handlers in the table, want 25", len(handlers))
	}
	for _, h := range handlers {
		name := strings.TrimPrefix(h.Name, "main.")
		r := Check(img, Law{Roots: []string{h.Name}, Ends: ends, Loud: loud, Hooks: map[string][]string{"main.hook": {"main.quietLeaf"}}})
		bytes, chain := r.Deepest()
		if want, ok := offences[name]; ok {
			if !slices.ContainsFunc(r.Offences, func(o Offence) bool {
				return strings.Contains(o.String(), want[0]) && strings.Contains(o.What, want[1])
			}) {
				t.Errorf("%s: found %v, want %q in %q", name, r.Offences, want[1], want[0])
			}
		} else if len(r.Offences) > 0 {
			t.Errorf("%s: %v", name, r.Offences)
		}
		t.Logf("%-14s %5d bytes of stack: %s", name, bytes, strings.Join(chain, " → "))
		if name == "quietFrame" && (bytes < 300 || bytes > 400) {
			t.Errorf("quietFrame has 300 bytes on its stack, found %d", bytes)
		}
	}
}

func TestWholeTable(t *testing.T) {
	img := build(t)
	r := Check(img, Law{Tables: []string{"main.exits"}, Ends: ends, Loud: loud, Allowed: map[string]string{"main.wide.abi0": "a test"}})
	for name, want := range offences {
		if name != "loudWide" && !strings.Contains(strings.Join(names(r), "\n"), want[0]) && name != "loudMutual" {
			t.Errorf("%s is missing", name)
		}
	}
	if x := r.XMM(); !slices.Contains(x["xmm1"], "main.wide.abi0") {
		t.Errorf("the use of xmm1 was not seen: %v", x)
	}
	if r := Check(img, Law{Roots: []string{"main.nothing"}, Tables: []string{"main.none"}, Ends: ends, Loud: loud}); len(r.Offences) != 2 {
		t.Errorf("a missing root and table: %v", r.Offences)
	}
}

func names(r *Report) (all []string) {
	for _, o := range r.Offences {
		all = append(all, o.String())
	}
	return all
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		line string
		want insn
	}{
		{"    40001234:\tlea    0x1e9(%rip),%rax        # 40001424 <partition.exits+0x10>", insn{0x40001234, "lea", "0x1e9(%rip),%rax", 0, 0x40001424}},
		{"    40001234:\tcall   40005000 <runtime.newobject>", insn{0x40001234, "call", "40005000 <runtime.newobject>", 0x40005000, 0}},
		{"    40001234:\tcall   *%rax", insn{0x40001234, "call", "*%rax", 0, 0}},
		{"    40001234:\tlock cmpxchg %rcx,(%rdx)", insn{0x40001234, "lock cmpxchg", "%rcx,(%rdx)", 0, 0}},
		{"    40001234:\tjbe    40001300 <main.f+0x10>", insn{0x40001234, "jbe", "40001300 <main.f+0x10>", 0x40001300, 0}},
		{"    40001234:\tret", insn{0x40001234, "ret", "", 0, 0}},
	} {
		if got, ok := parse(c.line); !ok || got != c.want {
			t.Errorf("%s: %+v", c.line, got)
		}
	}
	for _, line := range []string{"", "0000000040001000 <runtime.text>:", "Disassembly of section .text:"} {
		if got, ok := parse(line); ok {
			t.Errorf("%q: %+v", line, got)
		}
	}
}

func TestMethodsAreCalledDirectly(t *testing.T) {
	in, _ := parse("    40001234:\tcall   40005000 <perdure/partition.(*CPU).arm>")
	if call, indirect := in.calls(); !call || indirect {
		t.Errorf("call %v, indirect %v", call, indirect)
	}
}

func TestPush(t *testing.T) {
	for _, c := range []struct {
		op, args string
		want     int
	}{
		{"push", "%rbp", 8}, {"pop", "%rbp", -8}, {"pushfq", "", 8},
		{"sub", "$0x48,%rsp", 0x48}, {"add", "$0xffffffffffffff80,%rsp", 128}, {"add", "$0x48,%rsp", -0x48}, {"sub", "$0xffffffffffffff80,%rsp", -128},
		{"lea", "-0x10(%rsp),%rsp", 16}, {"lea", "0x10(%rsp),%rbp", 0}, {"sub", "$0x48,%rax", 0}, {"mov", "%rax,%rsp", 0},
	} {
		if got := (insn{op: c.op, args: c.args}).push(); got != c.want {
			t.Errorf("%s %s: %d, want %d", c.op, c.args, got, c.want)
		}
	}
}
