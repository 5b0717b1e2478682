package system

import (
	"strings"
	"testing"
)

// Kernels begin by each protocol, with what belongs to it; what cannot be booted
// is refused with the reason, and leaves nothing.
func TestKernelsBegin(t *testing.T) {
	m := boot(t, withGuests("cloud", 1))
	m.refusals()
	for _, c := range []struct {
		name string
		file []string
		want []string
	}{
		{"multiboot", []string{`kernel = "/guests/entry.elf"`, `memory = "2M"`, `cmdline = "some words"`, `modules = ["/guests/text and more"]`},
			[]string{"by multiboot", "some words", "/guests/text and more", "the text of a module", "RESULT: PASS"}},
		{"pvh", []string{`kernel = "/guests/entry.elf"`, `memory = "2M"`, `boot = "pvh"`, `cmdline = "some words"`, `modules = ["/guests/text and more"]`},
			[]string{"by PVH", "some words", "RSD PTR ", "PERDUR", "/guests/text and more", "the text of a module", "RESULT: PASS"}},
		{"linux-pvh", []string{`kernel = "/boot/vmlinuz"`, `memory = "128M"`, `boot = "pvh"`, `initrd = "/boot/guest.cpio"`, `cmdline = "console=ttyS0 quiet panic=-1"`},
			[]string{"a guest partition of Perdure"}},
	} {
		path := "/tmp/" + c.name + ".toml"
		m.must("gosh -c", "echo -n 'the text of a module' >/guests/text")
		m.guestFile(path, c.file...)
		m.must("hvctl create --check " + path)
		m.must("hvctl create --start " + path)
		said := m.must("hvctl console --until", c.want[len(c.want)-1], "--timeout", "3m", c.name)
		for _, w := range c.want {
			if !strings.Contains(said, w) {
				t.Errorf("%s: %q is missing", c.name, w)
			}
		}
		m.must("hvctl destroy " + c.name)
	}
	m.must("hvctl check")
}

// refusals tries files that no guest can be made of.
func (m *machine) refusals() {
	for reason, file := range map[string][]string{
		"no kernel that Perdure knows": {`kernel = "/guests/tiny.toml"`, `memory = "4M"`},
		"there is no file":             {`kernel = "/guests/none"`, `memory = "4M"`},
		"no such memory":               {`kernel = "/boot/vmlinuz"`, `memory = "32M"`},
		"has no note":                  {`kernel = "/guests/spin.elf"`, `memory = "4M"`, `boot = "pvh"`},
		"a guest has at most 2":        {`kernel = "/guests/spin.elf"`, `memory = "4M"`, "[[net]]", "[[net]]", "[[net]]"},
	} {
		m.guestFile("/tmp/wrong.toml", file...)
		if said := m.gives(exitFile, "hvctl create /tmp/wrong.toml"); !strings.Contains(said, reason) {
			m.t.Errorf("%q is not said", reason)
		}
	}
	m.guestFile("/tmp/big.toml", `kernel = "/guests/spin.elf"`, `memory = "100G"`)
	m.gives(exitMemory, "hvctl create /tmp/big.toml")
	if got := m.state("wrong") + m.state("big"); got != "nonenone" {
		m.t.Errorf("something was made: %s", got)
	}
}
