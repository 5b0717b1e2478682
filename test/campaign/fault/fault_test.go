package fault

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"perdure/partition/abi"
)

func TestTuplesHaveNames(t *testing.T) {
	for _, want := range []Tuple{
		{Kind: "register", Seed: 7, Number: 12}, {Kind: "fail+again", Seed: 1}, {Kind: "told+1000", Seed: 1}, {Kind: "decay", Reason: At, Skip: 196, Step: 32767}, {Kind: "failstop", Reason: "ept-violation", Skip: 1, Step: 30},
	} {
		if got, err := Parse(want.String()); err != nil || got != want {
			t.Errorf("%s: back as %+v, %v", want, got, err)
		}
	}
	for _, bad := range []string{"", "register", "register/1", "register/a/1", "nothing/1/2", "register/nothing/1/2", "register/1/2/3/4", "code+1000/1/2", "told+soon/1/2"} {
		if got, err := Parse(bad); err == nil {
			t.Errorf("%q is taken for %+v", bad, got)
		}
	}
}

// The same tuple is the same fault for ever: what failed once can be made again.
func TestTuplesAreTheSameForEver(t *testing.T) {
	o, err := Tuple{Kind: "register", Seed: 1, Number: 5}.order(9)
	if err != nil {
		t.Fatal(err)
	}
	want := order{Number: 9, Kind: uint64(abi.SlipRegister), Reason: abi.AnyReason, Skip: 31, Steps: 18467, Target: 12, Bit: 4599576931449550808}
	if o != want {
		t.Errorf("%+v, want %+v", o, want)
	}
	if b := encode([]order{o, o}); len(b) != 2*orderSize {
		t.Errorf("two orders are %d bytes", len(b))
	}
}

// A fault that the hypervisor is told of is the one that it would have to notice by itself.
func TestToldIsTheSameFault(t *testing.T) {
	want, err := Tuple{Kind: "code", Seed: 1, Number: 5}.order(9)
	if err != nil {
		t.Fatal(err)
	}
	want.Kind = uint64(abi.SlipTold)
	for name, after := range map[string]uint64{"told": 0, "told+1": 1, "told+1000": 1000} {
		want.Again = after
		if o, err := (Tuple{Kind: name, Seed: 1, Number: 5}).order(9); err != nil || o != want {
			t.Errorf("%s: %+v, %v, want %+v", name, o, err, want)
		}
	}
}

// said is a line of root's with some fields set.
func said(set map[int]uint64) *[numFields]uint64 {
	f := [numFields]uint64{fMade: 1, fNew: never, fFirst: never}
	for i, v := range set {
		f[i] = v
	}
	return &f
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name string
		f    map[int]uint64
		want Class
	}{
		{"nothing came of it", nil, Quiet},
		{"it was not made", map[int]uint64{fMade: 0}, NotReached},
		{"it was refused", map[int]uint64{fRefused: 22, fMade: 0}, NotReached},
		{"a register of root's is wrong", map[int]uint64{fBad0: 1}, Silent},
		{"a guest says nothing any more", map[int]uint64{fLate: 2, fLost: 1}, Silent},
		{"a reset", map[int]uint64{fResets: 1, fNew: 0}, Clean},
		{"an exit was unwound", map[int]uint64{fUnwound: 1}, Clean},
		{"two resets, and a guest is gone", map[int]uint64{fResets: 2, fLost: 1, fLate: 2, fNew: 0}, OneLost},
		{"both guests are gone", map[int]uint64{fResets: 1, fLost: 2, fLate: 6}, Failed},
		{"no new guest can be made", map[int]uint64{fResets: 1, fNew: 3}, Failed},
		{"the second processor stands", map[int]uint64{fResets: 1, fLate: 1}, Failed},
		{"a guest cannot be made again", map[int]uint64{fResets: 1, fLate: 18, fLost: 1}, Failed},
		{"root is damaged", map[int]uint64{fResets: 1, fBad1: 4}, Failed},
	} {
		if got := judge(said(c.f)); got.Class != c.want {
			t.Errorf("%s: %s, want %s", c.name, got.Class, c.want)
		}
	}
}

func TestFields(t *testing.T) {
	if f, err := fields(strings.Repeat(" a", numFields)); err != nil || f[fLast] != 10 {
		t.Errorf("%v %v", f, err)
	}
	for _, bad := range []string{"", "1 2 3", strings.Repeat(" x", numFields)} {
		if _, err := fields(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestWilson(t *testing.T) {
	for _, c := range []struct {
		r         Rate
		low, high float64
	}{
		{Rate{1000, 986}, 97.66, 99.16}, {Rate{100, 100}, 96.30, 100}, {Rate{10, 0}, 0, 27.75},
	} {
		low, high := c.r.Wilson()
		if math.Abs(low-c.low) > 0.02 || math.Abs(high-c.high) > 0.02 {
			t.Errorf("%+v: %.2f to %.2f, want %.2f to %.2f", c.r, low, high, c.low, c.high)
		}
	}
	if s := (Rate{}).String(); s != "–" {
		t.Errorf("of nothing: %q", s)
	}
}

// Root, which is written in C, knows where the words of records are.
func TestRootKnowsTheRecords(t *testing.T) {
	text, err := os.ReadFile("../../guest/recover/main.c")
	if err != nil {
		t.Fatal(err)
	}
	word := func(v any, field string) string {
		f, ok := reflect.TypeOf(v).FieldByName(field)
		if !ok || f.Offset%8 != 0 {
			t.Errorf("no word %s", field)
		}
		return fmt.Sprint(f.Offset / 8)
	}
	for _, want := range []string{
		"NUMBER = " + word(abi.Reset{}, "Number") + ", CAUSE, REASON, FAULT, NOTICED, BEGAN, REPAIRED, WHOSE, EXIT, RIP, REPEATS, TRIES, COPIED, VECTOR, ERROR, AT,",
		"RESET = " + fmt.Sprint(len((&abi.Reset{}).Bytes())/8), "BACK = " + word(abi.Reset{}, "Back"),
		"COUNTERS = " + fmt.Sprint(abi.CountersSize/8), "UNWOUND = " + word(abi.Counters{}, "Unwound"),
		"KEPT_USED = " + fmt.Sprint(216/8+5), "OWNERS = " + word(abi.Info{}, "Owners"), "INFO = " + fmt.Sprint(abi.InfoSize/8), "FREE = " + fmt.Sprint(216/8+3),
		"u64 header, processor, kind, reason, skip, steps, target, bit, again, left, count, fired, at;",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("main.c has not %q", want)
		}
	}
	if at := word(abi.Info{}, "Mem"); at != fmt.Sprint(216/8) {
		t.Errorf("Mem is word %s", at)
	}
	if at := word(abi.Reset{}, "At"); at != "16" {
		t.Errorf("At is word %s", at)
	}
	if at := word(abi.Injection{}, "At"); at != "12" {
		t.Errorf("At of an injection is word %s", at)
	}
}

// It knows the ways, in their order, and the records of the calls that it sweeps.
func TestRootKnowsTheWays(t *testing.T) {
	text := func(name string) string {
		b, err := os.ReadFile("../../guest/recover/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	_, list, _ := strings.Cut(text("recover.h"), "enum { BY_CPUID = 1,")
	list, _, _ = strings.Cut("BY_CPUID,"+list, "}")
	names := strings.Split(list, ",")
	if len(names) != len(Ways) {
		t.Errorf("root has %d ways, there are %d", len(names), len(Ways))
	}
	for i, w := range Ways[:min(len(names), len(Ways))] {
		want := strings.ReplaceAll(strings.ToUpper(w.Name), "-", "_")
		if got := strings.TrimSpace(names[i]); got != want && want != "BY_HLT" {
			t.Errorf("way %d is %s in root, want %s", i+1, got, want)
		}
	}
	word := func(v any, field string) any {
		f, ok := reflect.TypeOf(v).FieldByName(field)
		if !ok || f.Offset%8 != 0 {
			t.Errorf("no word %s", field)
		}
		return f.Offset / 8
	}
	for file, lines := range map[string][]string{
		"deeds.c": {
			fmt.Sprintf("WEIGHT = %d, CPUS = %d, HALTS = %d }", word(abi.Partition{}, "Weight"), word(abi.Partition{}, "CPUs"), word(abi.Partition{}, "Halts")),
			fmt.Sprintf("NUMBER = %d, PHASE = %d, FREE_BEFORE = %d, FREE_AFTER = %d,", word(abi.Restart{}, "Number"), word(abi.Restart{}, "Phase"),
				word(abi.Restart{}, "FreeBefore"), word(abi.Restart{}, "FreeAfter")),
			fmt.Sprintf("regs[%d], check[%d],", abi.RegistersSize/8, abi.CheckSize/8),
			fmt.Sprintf("HANDS_OVER = %d, OVER = %d }", abi.PhaseHandoff, abi.PhaseDone),
		},
		"guests.c": {fmt.Sprintf("DISKS = %d, DISK = %d,", word(abi.Config{}, "Nets"), word(abi.Config{}, "Disk"))},
	} {
		for _, line := range lines {
			if !strings.Contains(text(file), line) {
				t.Errorf("%s has not %q", file, line)
			}
		}
	}
}
