package system

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

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

// faulty has options' image be one that can make faults.
func faulty(o rig.Options) rig.Options {
	o.Image = strings.TrimSuffix(image, ".img") + "-inject.img"
	o.KernelWords += " mitigations=off"
	return o
}

// Every way of noticing a failure leads to a microreset after which root goes on
// as if nothing had been, on one processor and on two.
func TestRecover(t *testing.T) {
	t.Parallel()
	for _, cpus := range []int{1, 2} {
		t.Run(fmt.Sprintf("%d processors", cpus), func(t *testing.T) {
			words := "inject=fail:cpuid:300,throw:wrmsr:3000,fail:io:2500,fail:interrupt:500"
			causes := map[string]int{"invariant": 3, "runtime": 1}
			o := withRoot("cloud", cpus)
			if cpus > 1 {
				o = withGuests("cloud", cpus)
				words += ",hang:wrmsr:4000,fail:invd:1+"
				causes["hang"] = 1
			} else { // growing it takes longer than another processor would wait
				words += ",stack:cpuid:2000,hang:wrmsr:4000,fail:cpuid:50000+"
				causes["runtime"], causes["hang"] = 2, 1
			}
			o.Words += " " + words
			m := boot(t, faulty(o))
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
			if cpus > 1 {
				m.decayed()
			}
			if cpus == 1 {
				m.hopeless()
				return
			}
			m.quarantined()
			if err := m.root.Off(); err != nil {
				t.Fatal(err)
			}
			m.ends(emu.PoweredOff)
		})
	}
}

// decayed has bits of code flip that nobody comes by, and stay so: the scrubber finds
// them, wherever they are, and puts them right.
func (m *machine) decayed() {
	m.t.Helper()
	const times = 4
	m.injected(fmt.Sprintf("--kind decay --count %d --within 300 --check 0", times))
	all := fmt.Sprintf("damage found: %d times put right, 0 times not", times)
	for end := time.Now().Add(soon); !strings.Contains(m.Text(), all); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			m.t.Fatalf("the log does not say %q", all)
		}
	}
	m.checks()
}

// quarantined has a guest whose exit fails each time: it is stopped, with a report,
// and root and a guest that comes after it go on.
func (m *machine) quarantined() {
	m.t.Helper()
	before := len(m.recoveries())
	m.guestFile("/tmp/doomed.toml", `kernel = "/guests/spin.elf"`, `memory = "4M"`, `cmdline = "do=invd"`)
	m.must("hvctl create --start /tmp/doomed.toml")
	for i := 0; m.state("doomed") != "stopped"; i++ {
		if i == 20 {
			m.t.Fatal("the guest is not stopped")
		}
		time.Sleep(200 * time.Millisecond)
	}
	if want := "partition doomed stopped: the hypervisor's handler for its exit failed repeatedly; VP 0, exit 13"; !strings.Contains(m.Text(), want) {
		m.t.Errorf("the log does not say %q", want)
	}
	list := m.recoveries()
	if len(list) != before+3 {
		m.t.Fatalf("%d recoveries, want 3", len(list)-before)
	}
	for i, r := range list[len(list)-3:] {
		if want := []string{"microreset", "microreset", "quarantine"}[i]; r.Rung != want || r.Exit != "invd" {
			m.t.Errorf("failure %d in a row: %s after %s, want %s", i+1, r.Rung, r.Exit, want)
		}
	}
	m.guestFile("/tmp/next.toml", `kernel = "/guests/spin.elf"`, `memory = "4M"`, `cmdline = "do=sum rounds=3"`)
	m.must("hvctl create --start /tmp/next.toml")
	m.must("hvctl console --until", "spin: bad words 0", "--timeout", "1m", "next")
	m.must("hvctl destroy doomed")
	m.must("hvctl destroy next")
	m.checks()
}

// hopeless has an exit of root's fail each time, which nothing can be done about: the
// machine stops, and the serial line says all that is known.
func (m *machine) hopeless() {
	m.t.Helper()
	m.root.Start("hvtest", "exits", "-n", "100000")
	m.want(`perdure: fatal: failure cpu 0x0 tries 0x`)
	m.want(`perdure: registers, R15 first: 0x`)
	m.want(`perdure: rsp 0x[0-9a-f]+ flags 0x`)
	m.want(`perdure: stack: `)
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
