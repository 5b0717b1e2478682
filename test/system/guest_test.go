package system

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// bare boots the guest of test/guest/exits as root's kernel.
func bare(t *testing.T, cpus int, words string) *machine {
	return boot(t, rig.Options{
		Config:      emu.Config{Kind: emu.Auto, CPUs: cpus},
		Kernel:      filepath.Join(filepath.Dir(image), "guest", "exits.elf"),
		KernelWords: words,
	})
}

// A guest that leaves itself in every way there is and looks at what it finds
// when it is back.
func TestExits(t *testing.T) {
	t.Parallel()
	for _, cpus := range []int{1, 2} {
		t.Run(fmt.Sprintf("%d processors", cpus), func(t *testing.T) {
			m := bare(t, cpus, "")
			ctx, cancel := context.WithTimeout(context.Background(), later)
			defer cancel()
			got, err := m.Expect(ctx, regexp.MustCompile(`RESULT: (PASS|FAIL) (\d+) checks`))
			if err != nil {
				m.failed("waiting for the guest's result", err)
			}
			t.Log(got[0])
			for line := range strings.Lines(clean(m.Text())) {
				if strings.HasPrefix(line, "FAIL") {
					t.Error(line)
				}
			}
			if got[1] != "PASS" {
				t.Error(got[0])
			}
			m.ends(emu.PoweredOff)
		})
	}
}

// Ends of a guest that leave it nothing to say.
func TestGuestEnds(t *testing.T) {
	t.Parallel()
	t.Run("triple fault", func(t *testing.T) {
		m := bare(t, 1, "guest=triple")
		m.ends(emu.Rebooted)
	})
	t.Run("no memory behind its IDT", func(t *testing.T) {
		m := bare(t, 1, "guest=lost")
		m.want(`lost IDT now`, `partition root stopped: .*exit 48`, ` rip 0x.* rsp .* rflags .* cr0 .* cr3 .* cr4 .* efer `,
			` cs .* ss .* tr .* gdtr .* idtr `, ` gpa .* linear .* interruptibility .* activity .* vectoring `, ` controls: pin .* entry `)
		m.answers()
	})
	t.Run("#DB without end", func(t *testing.T) {
		m := bare(t, 1, "guest=storm")
		m.want(`storm now`)
		m.answers()
	})
}

// answers checks that the hypervisor answers at its console.
func (m *machine) answers() {
	m.t.Helper()
	for _, c := range [][2]string{{"\x01\x01\x01", `input goes to the hypervisor`}, {"l", `partition 0 root: `}} {
		if _, err := m.Write([]byte(c[0])); err != nil {
			m.t.Fatal(err)
		}
		m.want(c[1])
	}
}
