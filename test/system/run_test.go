package system

import (
	"context"
	"path/filepath"
	"regexp"
	"testing"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// What "make run" ends in: root's prompt and two guests, and a line that says how
// to get to them, which is true.
func TestRunEndsWithTwoGuests(t *testing.T) {
	m := boot(t, rig.Options{
		Config:      emu.Config{Kind: emu.Auto, CPUs: 2, Memory: 1024},
		Kernel:      "cloud",
		Initrd:      filepath.Join(filepath.Dir(image), "run-cloud.cpio"),
		KernelWords: "hvnet=" + rootAddress + "/24",
	})
	m.eventually(`2 guests run: one, two\. Attach to a console: hvctl console one  \(Ctrl-\] leaves it\)`)
	m.eventually(`\$ `)
	m.Write([]byte("hvctl console two\r"))
	m.eventually(`This is two, a guest partition of Perdure\.`)
	m.eventually(`\$ `)
	m.Write([]byte("ping -c 2 " + rootAddress + "\r"))
	m.eventually(`64 bytes from ` + rootAddress)
	m.Write([]byte("\x1d"))
	m.eventually(`\$ `)
	m.Write([]byte("hvctl list\r"))
	m.eventually(` one +\w+ +1 [^\n]*\n.* two +\w+ +2 `)
}

// eventually waits for what takes a while.
func (m *machine) eventually(pattern string) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), later)
	defer cancel()
	if _, err := m.Expect(ctx, regexp.MustCompile(pattern)); err != nil {
		m.failed("waiting for "+pattern, err)
	}
}
