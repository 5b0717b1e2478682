package system

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// An unmodified Debian kernel as root: one boot answers all questions about
// its machine that fit together. Each command must succeed; hvtest's print what
// they measured. Before and after them all the hypervisor checks itself: exits
// allocate nothing, and a storm of questions is answered. Root may reboot the machine,
// too.
func TestRoot(t *testing.T) {
	t.Parallel()
	everywhere := []string{"hvctl info", "hvctl version --json", "hvtest machine", "hvtest calls", "hvtest exits -n 200"}
	self := []string{"hvtest allocs -n 100000", "hvtest storm -n 10000", "hvctl top --once", "hvctl check"}
	for _, c := range []struct {
		kernel   string
		cpus     int
		commands []string
	}{
		{"cloud", 1, append([]string{"hvtest port", "hvtest clock", "hvtest fpu -n 10"}, self...)},
		{"cloud", 2, append([]string{"hvtest smp", "hvtest clock", "hvtest fpu -n 10"}, self...)},
		{"cloud", 4, []string{"hvtest smp"}},
		{"standard", 1, []string{"hvtest disk", "hvtest net", "hvtest load"}},
		{"standard", 2, []string{"hvtest smp", "hvtest load"}},
	} {
		t.Run(fmt.Sprintf("%s, %d processors", c.kernel, c.cpus), func(t *testing.T) {
			o := withRoot(c.kernel, c.cpus)
			if c.kernel == "standard" {
				o.Memory, o.Net.Mode, o.Disks = 768, "slirp", []string{scratchDisk(t)}
			}
			m := boot(t, o)
			if got := m.greeting().CPUs; got != c.cpus {
				t.Errorf("root has %d processors, want %d", got, c.cpus)
			}
			m.checks()
			for _, command := range append(everywhere, c.commands...) {
				output, status := m.try(strings.Fields(command)...)
				t.Logf("%s: status %d\n%s", command, status, output)
				if status != 0 {
					t.Errorf("%s fails", command)
				}
			}
			m.checks()
			if c.kernel == "cloud" && c.cpus == 1 {
				m.root.Start("reboot")
				m.ends(emu.Rebooted)
				return
			}
			if err := m.root.Off(); err != nil {
				t.Fatal(err)
			}
			m.ends(emu.PoweredOff)
		})
	}
}

// withRoot says to boot a Debian kernel as root, which takes commands.
func withRoot(kernel string, cpus int) rig.Options {
	return rig.Options{
		Config:   emu.Config{Kind: emu.Auto, CPUs: cpus},
		Kernel:   kernel,
		Initrd:   rig.Initrd(filepath.Dir(image), kernel),
		Commands: true,
	}
}

// scratchDisk gives a disk that a test may overwrite.
func scratchDisk(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scratch.disk")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(64 * 16 * 63 * 512); err != nil { // whole cylinders
		t.Fatal(err)
	}
	return path
}

// A machine without x2APIC: its processors start and its lines work all the same.
func TestRootOnXAPIC(t *testing.T) {
	o := withRoot("cloud", 2)
	o.Kind, o.Without = emu.Bochs, []string{"x2apic"}
	m := boot(t, o)
	for _, command := range []string{"hvctl info", "hvtest smp", "hvtest exits -n 200"} {
		if output, status := m.try(strings.Fields(command)...); status != 0 {
			t.Errorf("%s: status %d\n%s", command, status, output)
		}
	}
}

// The self-tests that run before root starts.
func TestSelftest(t *testing.T) {
	t.Parallel()
	for _, cpus := range []int{1, 2, 4} {
		t.Run("golden on "+strconv.Itoa(cpus), func(t *testing.T) {
			m := boot(t, rig.Options{Config: emu.Config{Kind: emu.Auto, CPUs: cpus}, Words: "selftest=golden"})
			got := m.want(`selftest golden: rounds=(\d+) cpus=(\d+) instructions .*p50=(\d+) .*failures=(\d+)`)
			if got[1] != "100" || got[2] != strconv.Itoa(cpus) || got[4] != "0" {
				t.Error(got[0])
			}
			if n, err := strconv.Atoi(got[3]); err != nil || n > 300 {
				t.Errorf("a round takes %s instructions, aim 300", got[3])
			}
		})
		t.Run("vmx on "+strconv.Itoa(cpus), func(t *testing.T) {
			m := boot(t, rig.Options{Config: emu.Config{Kind: emu.Auto, CPUs: cpus}, Words: "selftest=vmx"})
			if got := m.want(`selftest vmx: (PASS|FAIL)`); got[1] != "PASS" {
				t.Errorf("%s\n%s", got[0], clean(m.Text()))
			}
		})
	}
}
