package system

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// recovery is one line of "hvctl resets --json".
type recovery struct {
	Number    uint64
	Cause     string
	Rung      string
	Reason    string
	Processor int
	Exit      string
	First     uint64   `json:"ticks_to_first"`
	Detect    uint64   `json:"ticks_fault_to_notice"`
	Copied    uint64   `json:"copied_pages"`
	Back      []uint64 `json:"ticks_to_each"`
}

// recoveries asks what is remembered. A recovery in the middle of the answer may make
// its relay in root wait for longer than that waits for the rest: it is asked again.
func (m *machine) recoveries() (list []recovery) {
	m.t.Helper()
	const times = 3
	for i := 1; ; i++ {
		output, status := m.try("hvctl", "resets", "--json")
		err := json.Unmarshal([]byte(output), &list)
		if err == nil && status == 0 {
			return list
		}
		if i == times {
			m.t.Fatalf("hvctl resets: %v, status %d\n%s", err, status, output)
		}
	}
}

// injected makes faults and returns what became of how many.
func (m *machine) injected(args string) map[string]int {
	m.t.Helper()
	output, status := m.try(strings.Fields("hvctl inject --json " + args)...)
	var answer struct {
		Outcomes map[string]int
		Detect   uint64 `json:"most_ticks_fault_to_notice"`
		Back     uint64 `json:"most_ticks_notice_to_first"`
		Good     bool
	}
	if err := json.Unmarshal([]byte(output), &answer); err != nil || status != 0 || !answer.Good {
		m.t.Errorf("hvctl inject %s: %v, status %d\n%s", args, err, status, output)
	}
	m.t.Logf("%s: %v, noticed after %d ticks at most, went on %d after that at most", args, answer.Outcomes, answer.Detect, answer.Back)
	return answer.Outcomes
}

// faulty are options for an image that can make faults.
func faulty(cpus int, words string) rig.Options {
	o := withRoot("cloud", cpus)
	o.Image = strings.TrimSuffix(image, ".img") + "-inject.img"
	o.Words, o.KernelWords = words, "mitigations=off"
	return o
}

// Every way of noticing a failure leads to a microreset after which root goes on
// as if nothing had been, on one processor and on two.
func TestRecover(t *testing.T) {
	for _, cpus := range []int{1, 2} {
		t.Run(fmt.Sprintf("%d processors", cpus), func(t *testing.T) {
			words := "watchdog=20 inject=fail:cpuid:300,throw:wrmsr:3000,fail:io:2500,fail:interrupt:500"
			causes := map[string]int{"invariant": 3, "runtime": 1}
			if cpus > 1 {
				words += ",hang:wrmsr:4000"
				causes["hang"] = 1
			} else { // growing it takes longer than another processor would wait
				words += ",stack:cpuid:2000"
				causes["runtime"] = 2
			}
			m := boot(t, faulty(cpus, words))
			if output, status := m.try("hvtest", "exits", "-n", "3000"); status != 0 {
				t.Errorf("hvtest exits: status %d\n%s", status, output)
			}
			for _, r := range m.recoveries() {
				t.Logf("%+v", r)
				causes[r.Cause]--
				if r.Rung != "microreset" || len(r.Back) != cpus {
					t.Errorf("recovery %d: rung %s, %d processors went on", r.Number, r.Rung, len(r.Back))
				}
				if r.Copied == 0 && r.First > 20000 {
					t.Errorf("recovery %d: the first VP ran after %d instructions, the aim is 20,000", r.Number, r.First)
				}
			}
			for cause, n := range causes {
				if n != 0 {
					t.Errorf("%s: %d recoveries too few", cause, n)
				}
			}
			m.checks()
			if os.Getenv("PERDURE_LONG") != "" {
				m.sweeps()
			}
			for _, command := range []string{"hvtest machine", "hvtest smp", "hvtest calls", "hvtest fpu -n 5"} {
				if output, status := m.try(strings.Fields(command)...); status != 0 {
					t.Errorf("%s: status %d\n%s", command, status, output)
				}
			}
			m.checks()
			if err := m.root.Off(); err != nil {
				t.Fatal(err)
			}
			m.ends(emu.PoweredOff)
		})
	}
}

// sweeps makes faults at one instruction after the other, by chance, and inside the
// recovery from another one.
func (m *machine) sweeps() {
	for args, want := range map[string]string{
		"--kind fail --from 1 --to 40 --reason io --cpu 0 --check 40": "microreset",
		"--kind fail --count 3 --again 300 --cpu 0":                   "microreset",
		"--kind panic --count 5 --within 300":                         "",
		"--kind failstop --count 5 --within 300":                      "",
		"--kind rot --count 3 --within 300":                           "",
	} {
		got := m.injected(args)
		if want != "" && got[want] == 0 {
			m.t.Errorf("%s: %v, want some %s", args, got, want)
		}
	}
}
