package system

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"perdure/cmd/hvrun/emu"
)

// What the hypervisor says of itself: a check finds everything good and leaves
// nothing out, exits allocate nothing, and a storm of questions is answered.
func TestSelf(t *testing.T) {
	for _, cpus := range []int{1, 2} {
		t.Run(fmt.Sprintf("%d processors", cpus), func(t *testing.T) {
			m := boot(t, withRoot("cloud", cpus))
			m.checks()
			for _, command := range []string{"hvtest allocs -n 100000", "hvtest storm -n 10000", "hvctl top --once", "hvctl info"} {
				output, status := m.try(strings.Fields(command)...)
				t.Logf("%s: status %d\n%s", command, status, output)
				if status != 0 {
					t.Errorf("%s fails", command)
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

// checks has the hypervisor check itself: all is good, and all is checked.
func (m *machine) checks() {
	m.t.Helper()
	output, status := m.try("hvctl", "check", "--json")
	var answer struct {
		Good  bool
		Items []struct {
			Name, Verdict          string
			Examined, Wrong, First uint64
		}
	}
	if err := json.Unmarshal([]byte(output), &answer); err != nil {
		m.t.Fatalf("hvctl check: %v, status %d\n%s", err, status, output)
	}
	for _, i := range answer.Items {
		m.t.Logf("%s: %s, %d examined, %d wrong, first %#x", i.Name, i.Verdict, i.Examined, i.Wrong, i.First)
		if i.Verdict != "good" {
			m.t.Errorf("%s: %s", i.Name, i.Verdict)
		}
	}
	if !answer.Good || status != 0 || len(answer.Items) < 8 {
		m.t.Errorf("hvctl check: status %d\n%s", status, output)
	}
}
