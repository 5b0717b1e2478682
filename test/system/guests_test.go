package system

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"perdure/cmd/hvrun/rig"
)

// withGuests says to boot root with all that guests are made of: guest files and
// test guests in /guests, a Debian kernel and an initramfs in /boot.
func withGuests(kernel string, cpus int) rig.Options {
	o := withRoot(kernel, cpus)
	o.Memory, o.Words = 1024, "root_mem=320M"
	o.Initrd = filepath.Join(filepath.Dir(image), "guests-"+kernel+".cpio")
	o.KernelWords = quick + " hvnet=" + rootAddress + "/24"
	return o
}

// withSmallGuests is withGuests without a Debian for them, which takes the boot loader
// longer to read than all else.
func withSmallGuests(cpus int) rig.Options {
	o := withGuests("cloud", cpus)
	o.Initrd = filepath.Join(filepath.Dir(image), "small-cloud.cpio")
	return o
}

// quick are words for kernels that have little time: their tests of themselves are
// a third of a boot, and the timers that they set to the nanosecond are a load of
// their own on a machine of 50 MHz. Go's runtime looks after threads every 20 µs,
// which are a thousand instructions there. Mitigations forget the emulator's
// translations at each system call, which is a fifth of the time that it takes, and to
// load the drivers of disks that nobody needs takes as long; the
// tests that are not about guests have them.
const quick = "cryptomgr.notests highres=off mitigations=off hvskip=ata_piix,sd_mod"

// rootAddress is root's in the guests' network; theirs follow it.
const rootAddress = "10.1.0.1"

// must runs a command in root, which must succeed, and returns what it printed.
func (m *machine) must(command string, args ...string) string {
	m.t.Helper()
	return m.gives(0, command, args...)
}

// gives runs a command in root, which must end with that status.
func (m *machine) gives(want int, command string, args ...string) string {
	m.t.Helper()
	all := append(strings.Fields(command), args...)
	output, status := m.try(all...)
	if m.t.Logf("%s: status %d\n%s", strings.Join(all, " "), status, output); status != want {
		m.t.Errorf("%s: status %d, want %d", command, status, want)
	}
	return output
}

// state asks for a guest's state.
func (m *machine) state(name string) string {
	m.t.Helper()
	var list []struct{ Name, State string }
	if err := json.Unmarshal([]byte(m.must("hvctl list --json")), &list); err != nil {
		m.t.Fatal(err)
	}
	for _, p := range list {
		if p.Name == name {
			return p.State
		}
	}
	return "none"
}

// Guests come and go, run into limits and share processors; what was theirs is
// back afterwards, to the byte.
func TestGuestsComeAndGo(t *testing.T) {
	m := boot(t, withSmallGuests(2))
	m.must("hvctl create --check /guests/tiny.toml")
	wrong := m.gives(exitFile, "hvctl create /guests/bad.toml")
	for _, line := range []int{2, 3, 4, 7} {
		if !strings.Contains(wrong, fmt.Sprintf("bad.toml:%d: ", line)) {
			t.Errorf("nothing is said of line %d", line)
		}
	}
	m.must("hvtest cycle -n 200 /guests/tiny.toml")
	m.must("hvtest limits /guests/tiny.toml")
	m.must("hvctl check memory")
	m.must("hvctl check")

	m.must("hvctl create --start /guests/tiny.toml")
	m.gives(exitState, "hvctl create /guests/tiny.toml") // there is one of that name
	m.must("hvctl pause tiny")
	if got := m.state("tiny"); got != "paused" {
		t.Errorf("a paused guest is %s", got)
	}
	m.must("hvctl pause tiny") // twice is once
	m.must("hvctl dump tiny --vp 0 --address 0x100000")
	m.must("hvctl resume tiny")
	m.must("hvctl top --once --json")
	m.must("hvctl stop --now --wait tiny")
	m.must("hvctl start tiny")
	m.must("hvctl destroy tiny")
	m.gives(exitNone, "hvctl pause tiny")
	if got := m.state("tiny"); got != "none" {
		t.Errorf("a guest that was destroyed is %s", got)
	}
	m.share()
}

// Exit codes of hvctl.
const (
	exitFile   = 5
	exitNone   = 6
	exitState  = 7
	exitMemory = 8
)

// share has busy guests share a processor, which they do by their weights. The
// first of them begins long before the others, and may not live on that.
func (m *machine) share() {
	m.t.Helper()
	for _, name := range []string{"s0", "s1", "s2", "s3"} {
		m.must("hvctl create --start /guests/" + name + ".toml")
	}
	m.must("hvtest shares -seconds 10 s0=1 s1=1 s2=1 s3=2")
	m.must("hvctl set s0 weight=300")
	m.must("hvctl pause s3")
	m.must("hvtest shares -seconds 5 s0=3 s1=1 s2=1")
}

// A guest that is looked after by hand: both consoles, a disk that is a file of
// root's, the power button, a reboot.
func TestGuestByHand(t *testing.T) {
	m := boot(t, withGuests("cloud", 1))
	m.must("dd if=/dev/zero of=/tmp/b.img bs=1048576 count=8")
	m.must("hvctl create --start /guests/b.toml")
	m.must("hvtest in b uname -n")
	m.must("hvtest in b gosh -c", "echo by the virtio console >/dev/hvc0")
	said := m.must("hvctl console --read b")
	if !strings.Contains(said, "by the virtio console") {
		t.Error("the virtio console said nothing that is kept")
	}

	// What the guest has synced is in the file, also when whoever serves it dies
	// in between.
	out := m.must("hvtest in b hvtest disk -cached -mib 4 -dev /dev/vda")
	m.sameBytes(out, "/tmp/b.img")
	out = m.must("hvtest in -kill b hvtest disk -mib 6 -dev /dev/vda")
	m.sameBytes(out, "/tmp/b.img")

	m.must("hvtest in b hvtest fpu -n 3")
	m.must("hvctl pause b")
	m.must("hvctl dump b --json")
	m.must("hvctl resume b")
	m.must("hvctl stop --wait b")
	if got := m.state("b"); got != "off" {
		t.Errorf("a guest whose power button was pressed is %s", got)
	}
	m.must("hvctl start b")
	m.must("hvtest in b hostname")
	// A reboot is the daemon's to notice.
	m.must("hvtest reboot b")
	m.must("hvtest in b uname -n")
	m.must("hvctl destroy b")
	m.must("hvctl check memory")
}

var diskSum = regexp.MustCompile(`disk.bytes (\d+)\r?\n(?:.*\n)*?.*disk.sha256 ([0-9a-f]{64})`)

// sameBytes compares what a guest wrote with its disk's file.
func (m *machine) sameBytes(said, file string) {
	m.t.Helper()
	got := diskSum.FindStringSubmatch(said)
	if got == nil {
		m.t.Errorf("the guest told no checksum:\n%s", said)
		return
	}
	if hash := m.must("hvtest hash -bytes " + got[1] + " " + file); !strings.Contains(hash, got[2]) {
		m.t.Errorf("%s is not what the guest has written", file)
	}
}
