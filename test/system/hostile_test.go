package system

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// operations are how many a hostile guest does here, and seed what it chooses them
// by; make campaign sets others.
func operations() uint64 { return setting("PERDURE_OPERATIONS", 3_000) }
func seed() uint64       { return setting("PERDURE_SEED", 1) }

func setting(name string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 0, 64); err == nil {
		return n
	}
	return otherwise
}

// A guest that does everything that a guest should not do, beside a neighbour that
// looks after its memory; root works meanwhile. Neither may notice, nor may
// anything in the hypervisor have gone wrong.
func TestHostileGuest(t *testing.T) {
	for i, platform := range []string{"minimal", "pc"} {
		t.Run(platform, func(t *testing.T) {
			m := boot(t, withGuests("cloud", 2))
			m.neighbour()
			m.hostile(platform, fmt.Sprintf("seed=%d operations=%d", seed()+uint64(i), operations()))
			m.must("hvctl start hostile")
			before, since := "", time.Now()
			for m.state("hostile") == "running" {
				time.Sleep(3 * time.Second)
				m.quiet("hvtest exits -n 50")
				said := m.quiet("hvctl console --read hostile")
				if said != before {
					before, since = said, time.Now()
				}
				if time.Since(since) > later { // in which it does a twentieth of its work
					m.stuck()
				}
			}
			m.done(m.must("hvctl console --read hostile"))
			m.unhurt()
			if m.must("hvctl destroy hostile"); m.state("hostile") != "none" {
				t.Error("a hostile guest stays")
			}
			m.unhurt()
		})
	}
}

// Ends that a hostile guest can make of itself: each is that guest's alone.
func TestHostileEnds(t *testing.T) {
	m := boot(t, withGuests("cloud", 2))
	m.neighbour()
	for _, c := range []struct{ end, state string }{
		{"off", "off"}, {"reset", "reset"}, {"triple", "reset stopped"}, {"lost", "stopped"},
		{"halt", "running"}, {"spin", "running"}, {"storm", "running"},
	} {
		m.hostile("pc", fmt.Sprintf("seed=%d operations=100 end=%s", seed(), c.end))
		m.must("hvctl start hostile")
		said := regexp.MustCompile(`hostile: .*(now|off)\r?\n`)
		for deadline := time.Now().Add(later); !said.MatchString(m.quiet("hvctl console --read hostile")); {
			if time.Now().After(deadline) {
				m.stuck()
			}
		}
		for deadline := time.Now().Add(soon); !strings.Contains(c.state, m.state("hostile")); {
			if time.Now().After(deadline) {
				t.Errorf("after its end %q the guest is %s, want %s", c.end, m.state("hostile"), c.state)
				break
			}
		}
		m.must("hvctl dump hostile")
		m.must("hvctl destroy hostile")
	}
	m.unhurt()
}

// A kernel that knows only the interrupt controllers and the timer of old PCs. It
// compares clocks, so it has a processor that root does not use.
func TestPCPlatform(t *testing.T) {
	o := withGuests("cloud", 2)
	o.Words += " root_vps=1"
	m := boot(t, o)
	m.must("hvctl create --start /guests/pcat.toml")
	said := ""
	for deadline := time.Now().Add(later); !strings.Contains(said, "RESULT: ") && time.Now().Before(deadline); {
		said = m.quiet("hvctl console --read pcat")
	}
	t.Log(said)
	if !strings.Contains(said, "RESULT: PASS") {
		t.Error("the guest is not content")
	}
	m.must("hvctl check")
}

// guestFile writes a guest file in root.
func (m *machine) guestFile(path string, lines ...string) {
	m.t.Helper()
	m.must("gosh -c", "{ echo '"+strings.Join(lines, "'; echo '")+"'; } > "+path)
}

// hostile creates a hostile guest that has one of everything.
func (m *machine) hostile(platform, words string) {
	m.t.Helper()
	m.must("dd if=/dev/zero of=/tmp/hostile.img bs=1048576 count=1")
	m.guestFile("/tmp/hostile.toml", `memory = "32M"`, `vcpus = 2`, `kernel = "/guests/hostile.elf"`, `on_reboot = "stop"`,
		`platform = "`+platform+`"`, `cmdline = "`+words+`"`, `[[net]]`, `[[net]]`, `[[disk]]`, `ram = "1M"`, `[[disk]]`, `file = "/tmp/hostile.img"`)
	m.must("hvctl create /tmp/hostile.toml")
}

// neighbour creates a guest that looks after its memory.
func (m *machine) neighbour() {
	m.t.Helper()
	m.guestFile("/tmp/neighbour.toml", `memory = "8M"`, `kernel = "/guests/spin.elf"`, `cmdline = "do=sum bytes=0x100000 rest=200"`, `[[net]]`)
	m.must("hvctl create --start /tmp/neighbour.toml")
}

// quiet runs a command in root, which must succeed, and logs it only if it does not.
func (m *machine) quiet(command string) string {
	m.t.Helper()
	output, status := m.try(strings.Fields(command)...)
	if status != 0 {
		m.t.Fatalf("%s: status %d\n%s", command, status, output)
	}
	return output
}

// stuck ends the test with what is known of the hostile guest.
func (m *machine) stuck() {
	m.t.Helper()
	for _, command := range []string{"hvctl console --read hostile", "hvctl list", "hvctl dump hostile --vp 0", "hvctl dump hostile --vp 1", "hvctl log"} {
		output, status := m.try(strings.Fields(command)...)
		m.t.Logf("%s: status %d\n%s", command, status, output)
	}
	m.t.Fatal("the hostile guest does not go on")
}

var lastWords = regexp.MustCompile(`hostile: digest (0x[0-9a-f]+); operations done (\d+)`)

// done checks that the hostile guest did all its work.
func (m *machine) done(said string) {
	m.t.Helper()
	if got := lastWords.FindStringSubmatch(said); got == nil || got[2] != strconv.FormatUint(operations(), 10) {
		m.t.Errorf("the hostile guest has not done its %d operations", operations())
	}
}

var round = regexp.MustCompile(`spin: round (\d+) digest 0x[0-9a-f]+ good`)

// unhurt checks that the neighbour goes on, and that the hypervisor finds nothing
// wrong with itself and had no faults.
func (m *machine) unhurt() {
	m.t.Helper()
	rounds := func() string {
		said := m.quiet("hvctl console --read neighbour")
		if strings.Contains(said, "FAIL") || strings.Contains(said, "bad words") {
			m.t.Fatalf("the neighbour's memory was changed:\n%s", said)
		}
		all := round.FindAllStringSubmatch(said, -1)
		if len(all) == 0 {
			return ""
		}
		return all[len(all)-1][1]
	}
	first := rounds()
	for deadline := time.Now().Add(soon); rounds() == first; {
		if time.Now().After(deadline) {
			m.t.Fatalf("the neighbour stands still after round %s", first)
		}
	}
	m.must("hvctl check")
	m.must("hvctl check memory")
	m.must("hvtest exits -n 200")
	if n := m.unwound(); n != 0 {
		m.t.Errorf("%d exits failed in the hypervisor's hands\n%s", n, m.must("hvctl log"))
	}
	if log := m.quiet("hvctl log"); strings.Contains(log, "fault of ours") {
		m.t.Errorf("the log has faults of the hypervisor:\n%s", log)
	}
}
