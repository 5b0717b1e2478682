package system

import (
	"encoding/json"
	"strings"
	"testing"
)

// Faults of our own in the handlers of exits: each is taken back, the exit is
// repeated and root notices nothing. One that comes every time stops root, and
// only root.
func TestFaults(t *testing.T) {
	once := []string{"nil:cpuid:100", "index:cpuid:200", "divide:wrmsr:1000", "panic:io:3000", "gp:hlt:50", "control:wrmsr:4000", "panic:ept-violation:20"}
	o := withRoot("cloud", 2)
	o.Image = strings.TrimSuffix(image, ".img") + "-inject.img"
	o.Words = "inject=" + strings.Join(once, ",") + ",nil:cpuid:50000+"
	m := boot(t, o)
	for _, command := range []string{"hvtest machine", "hvtest exits -n 2000", "hvtest smp", "hvtest calls", "hvtest fpu -n 5", "hvctl log"} {
		output, status := m.try(strings.Fields(command)...)
		t.Logf("%s: status %d\n%s", command, status, output)
		if status != 0 {
			t.Errorf("%s fails", command)
		}
	}
	if got := m.unwound(); got != uint64(len(once)) {
		t.Errorf("%d exits were unwound, want %d", got, len(once))
	}
	if got := strings.Count(m.Text(), "the exit is repeated"); got != len(once) {
		t.Errorf("the log has %d faults, want %d", got, len(once))
	}
	m.checks()
	if strings.Contains(m.Text(), "damage found") {
		t.Error("what a fault did to control registers was left to the scrubber")
	}
	m.root.Start("hvtest", "exits", "-n", "100000")
	m.want(`fault of ours in exit 10 .*once too often`, `partition root stopped: the hypervisor's handler for its exit failed repeatedly`)
	// The hypervisor lives: its own console answers.
	for _, c := range [][2]string{{"\x01\x01\x01", `input goes to the hypervisor`}, {"l", `partition 0 root: stopped`}} {
		if _, err := m.Write([]byte(c[0])); err != nil {
			t.Fatal(err)
		}
		m.want(c[1])
	}
}

// unwound asks how many exits were dropped and repeated so far.
func (m *machine) unwound() (n uint64) {
	m.t.Helper()
	output, status := m.try("hvctl", "top", "--once", "--json")
	var view struct {
		VPs []struct {
			Unwound uint64 `json:"exits_unwound"`
		}
	}
	if err := json.Unmarshal([]byte(output), &view); err != nil || status != 0 {
		m.t.Fatalf("hvctl top: %v, status %d\n%s", err, status, output)
	}
	for _, v := range view.VPs {
		n += v.Unwound
	}
	return n
}
